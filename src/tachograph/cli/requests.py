"""Reviews that a traced process asked for when an agent had returned: each a file, removed when its scores are written.

Copies are made at once, for what was produced may be worked on further; then one review is made after the other.
"""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tachograph import settings
from tachograph.cli import evaluations, scored
from tachograph.cli.common import FAILED, OK, tell
from tachograph.quality import CannotAssess, Order, assess
from tachograph.settings import Settings


def review(file: Path | None) -> int:
    """Make the review that a file asks for, or all that nobody is making; fails where one could not be made."""
    configured = settings.load()
    files = [file] if file else sorted(configured.requests_folder.glob("*.json"))
    made = [_review(configured, it) for it in files]
    if file is None:
        tell(f"{sum(made)} of {len(made)} pending reviews made")
    return OK if all(made) else FAILED


def _review(configured: Settings, file: Path) -> bool:
    with _held(file) as request:
        if request is None:  # somebody else makes it, or has made it
            return True
        try:
            asked = json.loads(request.read())
            _make(configured, asked)
        except (CannotAssess, OSError, ValueError, KeyError) as error:
            tell(f"{file.name}: {' '.join(str(error).split())}")
            return False
        file.unlink(missing_ok=True)
        file.with_suffix(".log").unlink(missing_ok=True)
        return True


def _make(configured: Settings, asked: dict[str, Any]) -> None:
    spec = Path(asked["spec"]) if asked["spec"] else None
    python = Path(asked["python"]) if asked.get("python") else None
    order = Order(Path(asked["path"]), asked["base"], spec, asked["test_command"], python, asked["unsafe"])
    with _turn(configured.requests_folder) as wait:
        made = assess(order, ready=wait)
    if made.weights:
        # The span itself may not be in the store yet; the next `ingest` brings both together.
        evaluations.spooled(configured, asked, *scored.told(made))


@contextmanager
def _held(file: Path) -> Iterator[IO[str] | None]:
    """The request, as long as nobody else holds it; the hold ends with this process, however it ends."""
    try:
        stream = file.open(encoding="utf-8")
    except FileNotFoundError:
        yield None
        return
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield stream if file.exists() else None


@contextmanager
def _turn(folder: Path) -> Iterator[Callable[[], None]]:
    """What waits until no other review runs; it is over when this is left."""
    with (folder / "turn").open("w", encoding="utf-8") as stream:
        yield lambda: fcntl.flock(stream, fcntl.LOCK_EX)
