"""Whether a default (or a bound) fits its parameter's type. The author's mistakes are told where they stand."""

from __future__ import annotations

from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value

__all__ = ["misfit"]

_CLASSES: dict[ParameterKind, tuple[type, ...]] = {
    ParameterKind.BOOL: (bool,),
    ParameterKind.INT: (int,),
    ParameterKind.FLOAT: (int, float),
    ParameterKind.STR: (str,),
    ParameterKind.PATH: (str,),
    ParameterKind.DATETIME: (str,),
    ParameterKind.SECRET: (str,),
    ParameterKind.LIST: (list,),
    ParameterKind.DICT: (dict,),
}


def misfit(value: Value, type_: ParameterType) -> str | None:
    """Why `value` can't be a default of this type; None where it can."""
    if value is None:
        return None if type_.optional else "None is not allowed here"
    if type_.kind is not ParameterKind.CHOICE:
        wrong_bool = isinstance(value, bool) and type_.kind is not ParameterKind.BOOL
        if wrong_bool or not isinstance(value, _CLASSES[type_.kind]):
            return f"{value!r} is not of type {type_.kind}"
    if type_.choices and not isinstance(value, list | dict) and value not in type_.choices:
        return f"{value!r} is not one of {', '.join(repr(choice) for choice in type_.choices)}"
    return _out_of_bounds(value, type_)


def _out_of_bounds(value: Value, type_: ParameterType) -> str | None:
    numbers = value if isinstance(value, list) else [value]
    for number in numbers:
        if not isinstance(number, int | float):
            continue
        if type_.minimum is not None and number < type_.minimum:
            return f"{number} is less than {type_.minimum}"
        if type_.maximum is not None and number > type_.maximum:
            return f"{number} is more than {type_.maximum}"
    return None
