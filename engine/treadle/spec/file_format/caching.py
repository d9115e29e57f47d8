"""`cache:` of a node or of `defaults:`: true, false, or for which version and how long a result counts."""

from __future__ import annotations

from typing import Final, NamedTuple

from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, Tree
from treadle.spec.pipeline import Policy
from treadle.spec.quantities import format_duration, parse_duration
from treadle.spec.values import Value

__all__ = ["Caching", "cache_document", "read_cache"]

_KEYS: Final = ("version", "expires")


class Caching(NamedTuple):
    """As in `Policy`."""

    cache: bool | None
    version: str | None = None
    expires: float | None = None


def read_cache(source: Source, tree: Tree | None) -> Caching:
    if not isinstance(tree, MappingTree):
        return Caching(source.flag(tree, "cache"))
    keys = source.keys(tree, "cache")
    source.warn_unknown(tree, _KEYS, "cache")
    return Caching(True, _version(source, keys.get("version")), _expires(source, keys.get("expires")))


def _version(source: Source, tree: Tree | None) -> str | None:
    value = None if tree is None else source.value(tree)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    source.error("wrong-value", "version wants a text or a number", tree, "write version: 2")
    return None


def _expires(source: Source, tree: Tree | None) -> float | None:
    value = None if tree is None else source.value(tree)
    if value is None:
        return None
    try:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return parse_duration(value)
    except ValueError:
        pass
    source.error("wrong-value", f"expires wants a time such as 12h or 7d, has {value!r}", tree, "write expires: 7d")
    return None


def cache_document(policy: Policy) -> Value:
    """The inverse of `read_cache`."""
    if not policy.cache or (policy.cache_version is None and policy.cache_expires is None):
        return policy.cache
    said: dict[str, Value] = {}
    if policy.cache_version is not None:
        said["version"] = _tidy(policy.cache_version)
    if policy.cache_expires is not None:
        said["expires"] = format_duration(policy.cache_expires)
    return said


def _tidy(version: str) -> str | int:
    """A whole number as one."""
    return int(version) if version.isascii() and version.isdecimal() and str(int(version)) == version else version
