"""The command line: one file a command, over what all of them share."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `tachograph ARG…` and leave with its exit status."""
    try:
        from tachograph.cli import program

        status = program.run(sys.argv[1:] if arguments is None else arguments)
    except ModuleNotFoundError as error:  # a traced process has no need of what analysis is built on
        print(f"tachograph: {error.name} is not installed; run: pip install 'tachograph[analysis]'", file=sys.stderr)
        status = 2
    sys.exit(status)
