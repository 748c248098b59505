"""A private copy where code cannot be contained: it is read by tools, and never run."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tachograph.quality.containment import Completed, Limits, NotContained
from tachograph.quality.containment.copying import copy_folder


@dataclass(frozen=True, slots=True)
class Unrunnable:
    """A copy whose code is not run; `why` is one line."""

    folder: Path
    why: str
    mechanism: str = "none"
    gaps: tuple[str, ...] = ()

    def run(self, argv: Any, **_: Any) -> Completed:
        """Refuse; raises NotContained."""
        raise NotContained(self.why)

    def read(self, path: Path, most: int = 0) -> bytes:
        """Nothing was ever written."""
        raise FileNotFoundError(path)


@contextmanager
def copied(folder: Path, limits: Limits) -> Iterator[Path]:
    """A private copy of a folder, under the same bounds as a contained one; raises TooLarge."""
    with tempfile.TemporaryDirectory(prefix="tachograph-") as private:
        copy = Path(private) / "copy"
        copy_folder(folder, copy, limits)
        yield copy
