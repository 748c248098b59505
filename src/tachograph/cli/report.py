"""The key figures against their targets, then what matters most; the last 30 days unless said otherwise."""

import argparse
import time

from tachograph.cli.common import OK, WRONG_USE, Refusal, reading, show
from tachograph.measure.report import report
from tachograph.present import as_json
from tachograph.records import Window

_DAYS_30 = 30 * 86_400 * 1_000_000_000


def declare(parser: argparse.ArgumentParser) -> None:
    """The report needs no arguments of its own."""


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        made = report(store, _window(options), members=options.format == "json")
    if options.format == "json":
        print(as_json.report(made))
    else:
        from tachograph.present.report import report as render

        show(render(made))
    return OK


def _window(options: argparse.Namespace) -> Window:
    until = time.time_ns() if options.until is None else options.until
    since = until - _DAYS_30 if options.since is None else options.since
    if since >= until:
        raise Refusal("--since is not before --until; exchange them", WRONG_USE)
    return Window(since, until)
