"""Everything of a window for other programs: figures as one JSON document, executions and logs as JSON lines."""

import argparse
import sys
from typing import Any

from tachograph.cli.common import OK, reading, window
from tachograph.measure.report import report
from tachograph.present import as_json, logs
from tachograph.records import Window
from tachograph.store import Store

FORMATS = ("json", "logs")


def declare(parser: argparse.ArgumentParser) -> None:
    """What is exported is named by --format and the window."""


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        bounds = _bounds(store, options)
        if options.format == "json":
            print(as_json.report(report(store, bounds)))
        else:
            for event in store.stream("events", since=bounds.since_ns, until=bounds.until_ns):
                sys.stdout.write(logs.line(event) + "\n")
    return OK


def _bounds(store: Store, options: argparse.Namespace) -> Window:
    """The window that was named, else from the first to the last that is stored."""
    named = window(options)
    held: dict[str, Any] = store.query("extent")[0]
    since = held["since"] if options.since is None and held["since"] is not None else named.since_ns
    until = held["until"] + 1 if options.until is None and held["until"] is not None else named.until_ns
    return Window(since, until) if since < until else named
