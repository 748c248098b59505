"""As much of YAML as the generated parts need: lists of statements, quoted so that nothing in them is special."""

from collections.abc import Iterable


def quoted(text: str) -> str:
    """A scalar that YAML takes as it is; a dollar is doubled, for the Collector expands single ones."""
    return "'" + text.replace("'", "''").replace("$", "$$") + "'"


def items(texts: Iterable[str], indent: int) -> list[str]:
    """A list of scalars, one a line."""
    return [f"{' ' * indent}- {quoted(text)}" for text in texts]
