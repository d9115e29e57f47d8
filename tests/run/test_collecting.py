"""What may go, and what never does: by age, number and size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from treadle.run.collecting import Choice, Entry, Found, FoundRun, Rules, choose

DAY = 86_400.0
NOW = 100 * DAY


def run(name: str, days: float, *refers: str, busy: bool = False) -> FoundRun:
    return FoundRun(name, NOW - days * DAY, 10, frozenset(refers), busy)


def entry(name: str, days: float, *refers: str, whole: bool = True) -> Entry:
    return Entry(name, NOW - days * DAY, 1, frozenset(refers), whole)


RUNS = (run("new", 1, "a"), run("middle", 20, "a", "b"), run("old", 40, "b", "c"))
ENTRIES = (entry("ka", 1, "a"), entry("kb", 30, "b"), entry("kc", 40, "c"), entry("kd", 2, "d"))
FOUND = Found(RUNS, ENTRIES, {"a": 100, "b": 100, "c": 100, "d": 100, "stray": 100})


def chosen(rules: Rules, found: Found = FOUND) -> Choice:
    return choose(found, rules, frozenset, NOW)


def test_without_a_rule_only_what_nothing_refers_to_goes() -> None:
    assert chosen(Rules()) == Choice((), (), ("stray",), 100, 434)


def test_by_age_old_runs_and_entries_go_and_what_a_kept_run_refers_to_stays() -> None:
    assert chosen(Rules(older_than=25 * DAY)) == Choice(("old",), ("kb", "kc"), ("c", "stray"), 212, 322)


def test_the_newest_runs_stay_whatever_their_age() -> None:
    assert chosen(Rules(older_than=0.5 * DAY, keep_runs=2)).runs == ("old",)
    assert chosen(Rules(keep_runs=1)).runs == ("middle", "old")
    assert chosen(Rules(keep_runs=0)).runs == ("new", "middle", "old")


def test_by_size_the_cache_goes_first_then_the_oldest_runs_and_never_the_newest() -> None:
    assert chosen(Rules(max_size=400)).entries == ("kd",)
    shrunk = chosen(Rules(max_size=250))
    assert (shrunk.runs, shrunk.artifacts) == (("old",), ("c", "d", "stray"))
    assert chosen(Rules(max_size=0)).runs == ("middle", "old")
    assert chosen(Rules(max_size=0, keep_runs=2)).runs == ("old",)


def test_a_run_that_goes_on_stays() -> None:
    busy = Found((run("new", 1), run("going", 90, "a", busy=True)), (), {"a": 100})
    for rules in (Rules(keep_runs=0), Rules(older_than=0.0), Rules(max_size=0)):
        assert "going" not in chosen(rules, busy).runs
        assert chosen(rules, busy).artifacts == ()


def test_an_entry_that_gives_nothing_any_more_goes() -> None:
    found = Found((), (entry("gone", 1, "missing"), entry("damaged", 1, whole=False), entry("whole", 1, "a")), {"a": 1})
    assert chosen(Rules(), found).entries == ("gone", "damaged")


names = st.sampled_from("abcdef")
ages = st.floats(0, 60)
refers = st.frozensets(names)


@given(
    st.lists(st.tuples(ages, refers, st.booleans()), max_size=6),
    st.lists(st.tuples(ages, refers), max_size=6),
    st.dictionaries(names, st.integers(0, 1000)),
    st.builds(
        Rules, st.none() | st.floats(0, 60 * DAY), st.none() | st.integers(0, 5), st.none() | st.integers(0, 3000)
    ),
)
def test_nothing_that_stays_loses_an_artifact_and_the_bytes_add_up(runs, entries, sizes, rules) -> None:
    found = Found(
        tuple(FoundRun(f"r{n}", NOW - age * DAY, 7, needs, busy) for n, (age, needs, busy) in enumerate(runs)),
        tuple(Entry(f"e{n}", NOW - age * DAY, 3, needs) for n, (age, needs) in enumerate(entries)),
        sizes,
    )
    choice = chosen(rules, found)
    gone = set(choice.artifacts)
    staying = [each for each in found.runs if each.run not in choice.runs]
    staying += [each for each in found.entries if each.name not in choice.entries]
    assert all(gone.isdisjoint(each.refers) for each in staying)
    freed = 7 * len(choice.runs) + 3 * len(choice.entries) + sum(sizes[digest] for digest in gone)
    assert (choice.freed, choice.freed + choice.left) == (freed, 7 * len(runs) + 3 * len(entries) + sum(sizes.values()))
