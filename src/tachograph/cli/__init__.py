"""The command line: one file a command, over what all of them share."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `tachograph ARG…` and leave with its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _run_quickly(given[2:]) if given[:2] == ["run", "--"] and given[2:] else None
        if status is None:
            from tachograph.cli import program

            status = program.run(given)
    except ModuleNotFoundError as error:  # a traced process has no need of what analysis is built on
        print(f"tachograph: {error.name} is not installed; run: pip install 'tachograph[analysis]'", file=sys.stderr)
        status = 2
    sys.exit(status)


def _run_quickly(command: Sequence[str]) -> int | None:
    """The status of a command that needs no more than the spool, None for one whose span goes elsewhere, too."""
    from tachograph import environment

    if not environment.needs_only_the_spool():
        return None
    from tachograph.quick import runner

    return runner.run(command)
