"""Words of OTTL, the Collector's transformation language."""

from collections.abc import Iterable


def attribute(name: str, of: str = "span") -> str:
    """The path of an attribute."""
    return f'{of}.attributes["{name}"]'


def text(value: str) -> str:
    """A string literal."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def put(target: str, value: str, where: str = "") -> str:
    """A statement that sets `target`."""
    return f"set({target}, {value})" + (f" where {where}" if where else "")


def both(*conditions: str) -> str:
    """All of the conditions."""
    return " and ".join(conditions)


def either(conditions: Iterable[str]) -> str:
    """Any of the conditions."""
    return "(" + " or ".join(conditions) + ")"


def is_number(path: str) -> str:
    """Whether there is a number, which no comparison alone would tell."""
    return f"(IsInt({path}) or IsDouble({path}))"
