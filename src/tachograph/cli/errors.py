"""What goes wrong, by pattern of its message, and under which conditions."""

import argparse
from collections.abc import Iterator

from tachograph.cli.common import FAILED, OK, reading, show, tell, window
from tachograph.measure.conditions import Conditions, conditions
from tachograph.measure.errors import errors
from tachograph.present import as_json
from tachograph.records import ErrorPattern, Window
from tachograph.semantics import roles
from tachograph.store import Store


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="failures that began in this component only")


def run(options: argparse.Namespace) -> int:
    as_text = options.format == "text"
    with reading(options) as store:
        bounds = window(options)
        patterns = errors(store, bounds, options.name, members=not as_text)
        found = list(_conditions(store, bounds, options.name)) if as_text and options.name else []
    if as_text:
        _show(patterns, found, options.name)
    else:
        print(as_json.errors(patterns))
    if options.name and not patterns:
        tell(f"no failure began in {options.name!r} in this window; tachograph errors lists all")
        return FAILED
    return OK


def _conditions(store: Store, bounds: Window, name: str) -> Iterator[Conditions]:
    for role in sorted(roles.UNITS):
        yield from conditions(store, bounds, role, name).values()


def _show(patterns: list[ErrorPattern], found: list[Conditions], name: str | None) -> None:
    from tachograph.present import usage as tables

    show(tables.errors(patterns))
    for by_condition in found:
        show(tables.conditions(name or "", by_condition))
