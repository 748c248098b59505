"""Read telemetry files, or the spool, into the store."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tachograph import settings
from tachograph.cli.common import OK, WRONG_USE, Refusal, tell
from tachograph.deliver import sweeping
from tachograph.present import as_json
from tachograph.settings import Settings
from tachograph.store import IngestResult, ingest, open_store

_TOLD = 5  # reasons for rejected lines told one by one

Progress = Callable[[int, int], None]


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files or folders; - is standard input; else the spool"
    )


def run(options: argparse.Namespace) -> int:
    configured = settings.load()
    paths = [_path(text) for text in options.paths] or [configured.spool_folder]
    if not options.paths and not configured.spool_folder.is_dir():
        tell(f"no spool at {configured.spool_folder}: nothing to read; run a program under opentelemetry-instrument")
        paths = []
    with open_store(options.store or configured.store_path) as store, _progress() as progress:
        result = ingest(store, paths, progress=progress, prices=configured.price_file)
    _hold_within_bounds(configured)
    _print(result, options.format)
    return OK


def _hold_within_bounds(configured: Settings) -> None:
    """Now that the spool is read, and where it is no host program that waits for it."""
    try:
        sweeping.sweep(configured.spool_folder, configured.spool_bounds)
    except OSError as error:
        tell(f"the bounds of the spool are not kept ({error.strerror}); check the permissions of {configured.home}")


def _path(text: str) -> Path | Literal["-"]:
    if text == "-":
        return "-"
    path = Path(text)
    if not path.exists():
        raise Refusal(f"{path} does not exist; name a telemetry file or folder", WRONG_USE)
    return path


def _print(result: IngestResult, format: str) -> None:
    for reason in result.reasons[:_TOLD]:
        tell(f"rejected {reason}")
    if result.rejected > _TOLD:
        tell(f"… {result.rejected} rejected in all; they are kept in the store's table rejected")
    if result.skipped_metrics:
        tell(
            f"{result.skipped_metrics} lines of metrics were passed over: what they add up is told by traces and logs, "
            "and counted there"
        )
    if format == "json":
        fields = ("spans", "executions", "duplicates", "rejected")
        print(as_json.dumps({field: getattr(result, field) for field in fields}))
    else:
        print(_sentence(result))


def _sentence(result: IngestResult) -> str:
    stored = f"{result.spans:,} spans stored, {result.executions:,} executions among them"
    return f"{stored}; {result.duplicates:,} were there already, {result.rejected:,} rejected"


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = ("reading", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
