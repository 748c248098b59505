"""What to change, with what it will bring; what an hour of effort brings most first."""

import argparse
from pathlib import Path

from tachograph.cli.common import OK, reading, show, window
from tachograph.cli.judging import judged
from tachograph.present import as_json


def declare(parser: argparse.ArgumentParser) -> None:
    declare_recipes(parser)


def declare_recipes(parser: argparse.ArgumentParser) -> None:
    """Where the recipes' files are, for the diffs."""
    parser.set_defaults(recipes=[])
    parser.add_argument(
        "--recipes", action="append", type=Path, metavar="DIR", help="the recipes' YAML files, for diffs; else as "
        "[tool.tachograph] recipes in pyproject.toml says",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        found = judged(store, window(options), options.recipes).recommendations
    if options.format == "json":
        print(as_json.dumps(found))
    else:
        from tachograph.present.recommendations import recommendations

        show(recommendations(found))
    return OK
