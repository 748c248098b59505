"""Everything of a window for other programs: figures, spans, logs, tables and metrics, each in its usual format."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tachograph import settings
from tachograph.cli.common import FAILED, OK, WRONG_USE, Refusal, reading, tell, window
from tachograph.deliver import losses
from tachograph.measure.exposition import exposition
from tachograph.measure.report import report
from tachograph.present import as_json, logs
from tachograph.records import Window
from tachograph.store import Store

FORMATS = ("json", "otlp", "parquet", "logs", "prometheus")


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="write it to this file, - is standard output; for parquet the folder of the files",
    )


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        if options.format == "parquet":
            return _parquet(store, options)
        lines, whole = _LINES[options.format](store, options), True
        with _open(options.output) as out:
            for line in lines:
                out.write(line)
        if isinstance(lines, _Otlp):
            whole = not lines.left_out
    return OK if whole else FAILED


def _json(store: Store, options: argparse.Namespace) -> Iterator[bytes]:
    yield as_json.report(report(store, _bounds(store, options))).encode() + b"\n"


def _logs(store: Store, options: argparse.Namespace) -> Iterator[bytes]:
    bounds = _bounds(store, options)
    for event in store.stream("events", since=bounds.since_ns, until=bounds.until_ns):
        yield logs.line(event).encode("utf-8", "replace") + b"\n"


def _prometheus(store: Store, options: argparse.Namespace) -> Iterator[bytes]:
    from tachograph.present.exposition import prometheus

    spool = settings.load().spool_folder
    yield prometheus(exposition(store, window(options), losses.totals(spool))).encode()


class _Otlp:
    """The lines of all spans, then of all log records; tells what does not fit into a line."""

    def __init__(self, store: Store, options: argparse.Namespace) -> None:
        self._store, self._window = store, window(options)
        self.left_out = 0

    def __iter__(self) -> Iterator[bytes]:
        from tachograph.present import otlp

        bounds = {"since": self._window.since_ns, "until": self._window.until_ns}
        yield from otlp.spans(self._store.stream("export_spans", **bounds), self._leave_out)
        yield from otlp.logs(self._store.stream("export_logs", **bounds), self._leave_out)

    def _leave_out(self, what: str) -> None:
        self.left_out += 1
        tell(f"{what} is larger than a line may be (1 MiB) and was left out")


_LINES: dict[str, Callable[[Store, argparse.Namespace], Iterable[bytes]]] = {
    "json": _json,
    "logs": _logs,
    "otlp": _Otlp,
    "prometheus": _prometheus,
}


def _parquet(store: Store, options: argparse.Namespace) -> int:
    if options.output in (None, "-"):
        raise Refusal("parquet is a folder of files; name it: tachograph export --format parquet -o FOLDER", WRONG_USE)
    try:
        from tachograph.store.parquet import write_parquet  # loads what no other format needs

        rows = write_parquet(store, Path(options.output), window(options))
    except OSError as error:
        raise _unwritable(options.output, error) from error
    tell(f"{', '.join(f'{name} {count:,}' for name, count in rows.items())} rows in {options.output}")
    return OK


@contextmanager
def _open(output: str | None) -> Iterator[IO[bytes]]:
    """Where to write: standard output, or a file."""
    if output is None or output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with Path(output).open("wb") as file:
            yield file
    except OSError as error:
        raise _unwritable(output, error) from error


def _unwritable(output: str, error: OSError) -> Refusal:
    return Refusal(f"cannot write {output}: {error.strerror or error}; name another place with -o", WRONG_USE)


def _bounds(store: Store, options: argparse.Namespace) -> Window:
    """The window that was named, else from the first to the last that is stored."""
    named = window(options)
    held: dict[str, Any] = store.query("extent")[0]
    since = held["since"] if options.since is None and held["since"] is not None else named.since_ns
    until = held["until"] + 1 if options.until is None and held["until"] is not None else named.until_ns
    return Window(since, until) if since < until else named
