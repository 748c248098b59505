"""How command-line commands are used: how often, by whom, how well, and what follows what."""

import argparse

from tachograph.cli.common import listed, reading, show, window
from tachograph.measure.tools import tools
from tachograph.records import ToolUsage


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one command only")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        found = tools(store, window(options), options.name)
    return listed(options, found, lambda: _show(found, details=options.name is not None), "command")


def _show(usage: list[ToolUsage], *, details: bool) -> None:
    from tachograph.present import usage as tables

    show(tables.tools(usage))
    if any(tool.features for tool in usage):
        show(tables.features(usage))
    if any(tool.sequences for tool in usage):
        show(tables.sequences(usage, None if details else 10))
