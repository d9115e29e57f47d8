"""Which fork server suits an attempt: tiers of libraries already imported, and who must have an interpreter of its own.

    bare ⊂ tables (numpy, pandas, pyarrow) ⊂ models (+ scikit-learn, scipy, joblib) ⊂ figures (+ matplotlib)

A node that needs no library never waits for one to load. Libraries that bring a thread pool or a device of their own
are never loaded in a server: after they were used there, a forked child would hang.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from treadle.execute.protocol import AttemptRequest

__all__ = ["BARE", "TIERS", "Tier", "choose", "needed_packages", "wants_own_interpreter", "worth_loading"]


@dataclass(frozen=True, slots=True)
class Tier:
    """A kind of fork server: the modules it imports and the top-level packages that these stand for."""

    name: str
    preload: tuple[str, ...]
    packages: frozenset[str]


_TABLES: Final = ("numpy", "pandas", "pyarrow", "pyarrow.ipc", "pyarrow.pandas_compat")
_MODELS: Final = (
    *_TABLES, "joblib", "threadpoolctl", "scipy.sparse", "scipy.stats", "sklearn.base", "sklearn.compose",
    "sklearn.ensemble", "sklearn.impute", "sklearn.inspection", "sklearn.linear_model", "sklearn.metrics",
    "sklearn.model_selection", "sklearn.pipeline", "sklearn.preprocessing", "sklearn.svm", "sklearn.tree",
)  # fmt: skip
_FIGURES: Final = (*_MODELS, "matplotlib.pyplot", "matplotlib.backends.backend_agg")
_FITTED: Final = frozenset({"numpy", "pandas", "pyarrow", "joblib", "threadpoolctl", "scipy", "sklearn"})

BARE: Final = Tier("bare", (), frozenset())
TIERS: Final = (
    BARE,
    Tier("tables", _TABLES, frozenset({"numpy", "pandas", "pyarrow"})),
    Tier("models", _MODELS, _FITTED),
    Tier("figures", _FIGURES, _FITTED | {"matplotlib"}),
)
_KNOWN: Final = TIERS[-1].packages
_OWN_INTERPRETER: Final = frozenset({
    "catboost", "cupy", "jax", "keras", "lightgbm", "mxnet", "paddle", "polars", "ray", "tensorflow", "torch",
    "xgboost",
})  # fmt: skip
_BY_OUTPUT: Final = {"Table": {"pyarrow"}, "Array": {"numpy"}, "Model": {"joblib"}, "Figure": {"matplotlib"}}
_BY_CODEC: Final = {"arrow": {"pandas", "pyarrow"}, "npy": {"numpy"}, "joblib": {"joblib"}}


def needed_packages(request: AttemptRequest) -> frozenset[str]:
    """Every top-level package that the slice, or reading its inputs and writing its outputs, will import."""
    needed = _needed_by_slice(request.slice.imports)
    for output in request.outputs:
        needed |= _needed_by_output(output.type)
    if request.input_kinds:
        needed |= frozenset(request.input_kinds.values())
    for references in request.inputs.values():
        for reference in references:
            needed |= _needed_by_value(reference.codec, str(reference.meta.get("class", "")))
    return needed


@lru_cache(1024)
def _needed_by_slice(imports: tuple[str, ...]) -> frozenset[str]:
    return frozenset(imports)


@lru_cache(1024)
def _needed_by_output(type_name: str) -> frozenset[str]:
    return frozenset(_BY_OUTPUT.get(type_name.removeprefix("list[").removesuffix("]"), ()))


@lru_cache(1024)
def _needed_by_value(codec: str, class_name: str) -> frozenset[str]:
    return frozenset({*_BY_CODEC.get(codec, ()), class_name.partition(".")[0]})


def wants_own_interpreter(needed: AbstractSet[str]) -> bool:
    """Whether an attempt with these packages is started by exec instead of fork alone."""
    return not _OWN_INTERPRETER.isdisjoint(needed)


@lru_cache(1024)
def choose(needed: frozenset[str], ready: frozenset[str]) -> Tier:
    """The smallest tier with all of `needed` that we know: of those ready, else of all.

    A larger one that is still loading is not waited for: the smaller will be there sooner.
    """
    fitting = [tier for tier in TIERS if (needed & _KNOWN) <= tier.packages]
    return next((tier for tier in fitting if tier.name in ready), fitting[0])


def worth_loading(imports: AbstractSet[str]) -> tuple[Tier, ...]:
    """The tiers that nodes with these imports among them will want, the quickest to load first."""
    last = TIERS.index(choose(frozenset(imports), frozenset()))
    return TIERS[: last + 1]
