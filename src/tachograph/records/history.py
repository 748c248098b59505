"""What happened in a window, as columns: the executions that bottlenecks are looked for in."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MISSING = -1


@dataclass(frozen=True, slots=True)
class Words:
    """A column of names: a code for each row, MISSING where there is none, and the name of each code."""

    codes: Wholes
    names: tuple[str, ...]

    def take(self, rows: Wholes | Flags) -> "Words":
        """The column at some rows."""
        return Words(self.codes[rows], self.names)

    def name(self, code: int) -> str:
        """The name of a code."""
        return self.names[code]

    def names_at(self, row: int) -> str | None:
        """The name at a row."""
        code = int(self.codes[row])
        return self.names[code] if code >= 0 else None

    def is_(self, name: str) -> Flags:
        """Where the column holds `name`."""
        found: Flags = self.codes == (self.names.index(name) if name in self.names else len(self.names))
        return found

    def among(self, names: Container[str]) -> Flags:
        """Where the column holds one of some names."""
        held = np.array([name in names for name in self.names] or [False])
        found: Flags = held[self.codes] & (self.codes >= 0)
        return found

    def most(self, limit: int) -> tuple[str, ...]:
        """The names that most rows have, at most so many, the most frequent first."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))
        return tuple(self.names[code] for code in np.argsort(-counts, kind="stable")[:limit].tolist() if counts[code])


@dataclass(frozen=True, slots=True)
class Units:
    """Units of one role (agent, recipe, step, command), or calls of tools or models, a row each in order of time.

    `numbers` are reals, NaN where a value is unknown; times in seconds since the epoch in `start` and `end`, amounts
    of time in seconds. `weight` is how many units a row stands for.
    """

    numbers: Mapping[str, Reals]
    words: Mapping[str, Words]

    def __len__(self) -> int:
        return len(self.numbers["start"])

    def __getitem__(self, column: str) -> Reals:
        return self.numbers[column]

    def codes(self, column: str) -> Wholes:
        """The codes of a column of names."""
        return self.words[column].codes

    def take(self, rows: Wholes | Flags) -> "Units":
        """The units at some rows."""
        return Units(
            {name: column[rows] for name, column in self.numbers.items()},
            {name: column.take(rows) for name, column in self.words.items()},
        )


@dataclass(frozen=True, slots=True)
class History:
    """The units of a window by role, and how many executions (those that no other encloses) there were in all."""

    agents: Units
    recipes: Units
    steps: Units
    commands: Units
    tools: Units  # calls; their `parent_id` is mostly an agent's execution
    models: Units
    executions: float
