"""Label values: clean, short, and no more of them than a label may have."""

from collections import defaultdict

from tachograph import vocabulary as v

_LENGTH = 256  # characters of a value; whoever reads a dashboard reads no more either


class Labels:
    """Gives each value of a label its place. The first `LABEL_VALUES` keep their names, the rest is `other`.

    Not safe for threads by itself.
    """

    def __init__(self) -> None:
        self._known: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def of(self, names: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
        """The values as they are counted, one for each label name."""
        return tuple(map(self._value, names, values))

    def _value(self, name: str, value: str) -> str:
        known = self._known[name]
        if value in known:
            return known[value]
        if len(known) >= v.LABEL_VALUES:
            return v.OTHER_VALUE
        known[value] = _clean(value)
        return known[value]


def _clean(value: str) -> str:
    # A lone surrogate cannot be written as UTF-8, and would cost the whole scrape.
    return value[:_LENGTH].encode("utf-8", "replace").decode()
