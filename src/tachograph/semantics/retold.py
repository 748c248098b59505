"""What two instrumentations tell of counts once: theirs stays as it is, marked, and means nothing besides ours."""

from collections.abc import Iterable, Mapping
from typing import Any

from tachograph import vocabulary as v

# Scope of somebody else's instrumentation -> roles of spans that ours tell of as well, in this process.
_covered: dict[str, frozenset[str]] = {}
_NOTHING: Mapping[str, Any] = {}


def cover(scopes: Iterable[str], roles: Iterable[str]) -> None:
    """From now on ours tell of units of these roles that spans of these scopes tell of, too."""
    for scope in scopes:
        _covered[scope] = _covered.get(scope, frozenset()) | frozenset(roles)


def covers_any() -> bool:
    """Whether anything is covered, which in most processes nothing is."""
    return bool(_covered)


def is_covered(scope: str, role: str | None = None) -> bool:
    """Whether ours tell of what a span of this scope, and role where one is named, tells of. A scope stands for those
    below it."""
    return any(
        (role is None or role in roles) and f"{scope}.".startswith(f"{covered}.") for covered, roles in _covered.items()
    )


def meant(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """What attributes say for themselves: all of it, nothing where they are retold."""
    return _NOTHING if attributes.get(v.RETOLD) is True else attributes
