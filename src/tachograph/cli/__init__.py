"""The command line: one file a command, over what all of them share."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `tachograph ARG…` and leave with its exit status."""
    from tachograph.cli import program

    sys.exit(program.run(sys.argv[1:] if arguments is None else arguments))
