"""What commands share: exit statuses, the store, the window, printing."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tachograph import settings
from tachograph.records import Window

if TYPE_CHECKING:  # commands that need no store do not load what it is built on
    from tachograph.store import Store

OK, FAILED, WRONG_USE, UNREACHABLE = 0, 1, 2, 3

_LAST = 2**63 - 1
_PIPE_WIDTH = 160


class Refusal(Exception):
    """A command cannot give what was asked; the message is one line that says what to do."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def reading(options: argparse.Namespace) -> Iterator["Store"]:
    """The store, open for reading; tells when the spool holds what it has not got yet."""
    from tachograph.store import open_store, unread

    configured = settings.load()
    with open_store(options.store or configured.store_path, read_only=True) as store:
        fresh = unread(store, configured.spool_folder)
        if fresh and not options.store:
            files = "1 spool file has" if fresh == 1 else f"{fresh} spool files have"
            tell(f"{files} not been read yet; run: tachograph ingest")
        yield store


def window(options: argparse.Namespace) -> Window:
    """The window that --since and --until name; all data without them."""
    made = Window(options.since or 0, _LAST if options.until is None else options.until)
    if made.since_ns >= made.until_ns:
        raise Refusal("--since is not before --until; exchange them", WRONG_USE)
    return made


def tell(message: str) -> None:
    """A line on standard error, beside the data."""
    print(f"tachograph: {message}", file=sys.stderr)


def show(renderable: Any) -> None:
    """Print something for people; colour only on a terminal, full width into a pipe."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    width = None if terminal else int(os.environ.get("COLUMNS") or _PIPE_WIDTH)
    Console(width=width, no_color=None if terminal else True, highlight=False, soft_wrap=False).print(renderable)


def rendered(renderable: Any) -> str:
    """Something for people as plain text, as it is printed into a pipe."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=_PIPE_WIDTH, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def write(text: str, output: str | None) -> None:
    """Text to a file, or to standard output for None and -; Refusal where the file cannot be written."""
    if output is None or output == "-":
        sys.stdout.buffer.write(text.encode())
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"cannot write {output}: {error.strerror}; name another file with -o", WRONG_USE) from error


def listed(options: argparse.Namespace, found: Sequence[Any], show_text: Callable[[], None], kind: str) -> int:
    """Print a list in the format that was asked for; a NAME that nothing has is an answer that fails."""
    from tachograph.present import as_json

    if options.format == "json":
        print(as_json.dumps(found))
    else:
        show_text()
    if options.name and not found:
        tell(f"no {kind} named {options.name!r} in this window; tachograph {options.command} lists them")
        return FAILED
    return OK
