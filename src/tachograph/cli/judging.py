"""What was found in a window and what to do about it; looked for anew only when what there is to look at changed."""

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

import tachograph
from tachograph import settings
from tachograph.cli.recipe_files import Text, recipe_files, recipe_texts
from tachograph.records import BottleneckDetection, NotEnoughData, PerformanceRecommendation, ToolUsage, Window
from tachograph.store import Store, statements

_FOLDER: Final = "findings"
_KEPT_MAX: Final = 50  # answers; then the oldest are removed


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in a window, what to do about it, and among how many components of a role it was looked for."""

    bottlenecks: list[BottleneckDetection]
    insufficient: list[NotEnoughData]
    recommendations: list[PerformanceRecommendation]
    rivals: dict[str, int]


def judged(store: Store, of: Window, recipes: Sequence[Path] = (), usage: list[ToolUsage] | None = None) -> Judged:
    """Bottlenecks and recommendations of a window; `usage` is that of its tools, where it is known already.

    An answer that was given before is given again while the store, the executions in the window, the recipes' files
    and tachograph itself are the same.
    """
    files = recipe_texts(recipes)
    path = settings.home() / _FOLDER / f"{_key(store, of, files)}.json"
    with suppress(OSError, msgspec.MsgspecError):  # never kept, or not readable: then it is found anew
        return msgspec.json.decode(path.read_bytes(), type=Judged)
    with _patience():
        found = _found(store, of, files, usage)
    with suppress(OSError):  # a home that cannot be written costs time, not the answer
        _keep(path, found)
    return found


def _key(store: Store, of: Window, files: Sequence[Text]) -> str:
    (extent,) = store.query(statements.WINDOW_EXTENT, since=of.since_ns, until=of.until_ns)
    state = [
        (part.st_size, part.st_mtime_ns, part.st_ino)
        for part in (_stat(store.path), _stat(store.path.with_name(f"{store.path.name}.wal")))
        if part
    ]
    told = (tachograph.__version__, str(store.path.resolve()), state, extent, files)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _found(store: Store, of: Window, files: Sequence[Text], usage: list[ToolUsage] | None) -> Judged:
    # Loaded here: an answer that was kept needs none of it.
    from tachograph.detect import judge
    from tachograph.measure.history import gathered
    from tachograph.measure.improvements import calibration_table
    from tachograph.measure.tools import tools
    from tachograph.recommend import Material, calibrated, recommend
    from tachograph.recommend.measured_on import ROLES, rivals

    history, runs = gathered(store, of)
    found = judge(history, runs)
    usage = tools(store, of) if usage is None else usage
    material = Material(
        found.bottlenecks, history, runs, usage, recipe_files(files), calibrated(calibration_table(store))
    )
    among = {role: rivals(history, role) for role, *_ in ROLES}
    return Judged(found.bottlenecks, found.insufficient, recommend(material), among)


def _keep(path: Path, found: Judged) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.touch(mode=0o600)
    part.write_bytes(msgspec.json.encode(found))
    part.replace(path)
    for old in sorted(path.parent.glob("*.json"), key=lambda one: -one.stat().st_mtime_ns)[_KEPT_MAX:]:
        old.unlink(missing_ok=True)


@contextmanager
def _patience() -> Iterator[None]:
    """Somebody who waits at a terminal sees what for."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status("looking for bottlenecks"):
        yield
