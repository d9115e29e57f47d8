"""Problems as a person reads them: what is wrong, then what to do, each beginning as a sentence does."""

from __future__ import annotations

from treadle.spec.problems import Problem

__all__ = ["capital", "sentences"]


def capital(text: str) -> str:
    """`text` with a capital first letter, unless it begins with a name: `split.train`, `test_size`."""
    first = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if first.rstrip(",.:;?!").isalpha() else text


def sentences(problem: Problem) -> str:
    """`No column laat. Did you mean late?`, for a place that shows where it is: the message's own is left out."""
    where = problem.where
    message = problem.message
    for place in (f"{where.node}.{where.parameter or where.port}", where.node or ""):
        message = message.removeprefix(f"{place}: ")
    return ". ".join(part.rstrip(".") for part in (message, capital(problem.hint)) if part)
