"""The key figures against their targets, then what matters most; the last 30 days unless said otherwise."""

import argparse
import time
from dataclasses import replace

from tachograph.cli.common import OK, WRONG_USE, Refusal, reading, show
from tachograph.cli.recommend import declare_recipes, judged
from tachograph.measure.improvements import verifications
from tachograph.measure.report import report
from tachograph.present import as_json
from tachograph.records import Report, Window
from tachograph.store import Store

_DAYS_30 = 30 * 86_400 * 1_000_000_000


def declare(parser: argparse.ArgumentParser) -> None:
    declare_recipes(parser)


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        made = _judged(store, report(store, _window(options), members=options.format == "json"), options)
    if options.format == "json":
        print(as_json.report(made))
    else:
        from tachograph.present.report import report as render

        show(render(made))
    return OK


def _judged(store: Store, made: Report, options: argparse.Namespace) -> Report:
    """With what costs most, what to do about it, and what was done brought."""
    found = judged(store, made.window, options.recipes, made.tools)
    return replace(
        made,
        bottlenecks=found.bottlenecks,
        recommendations=found.recommendations,
        insufficient=found.insufficient,
        verified=verifications(store),
        not_included=(),
    )


def _window(options: argparse.Namespace) -> Window:
    until = time.time_ns() if options.until is None else options.until
    since = until - _DAYS_30 if options.since is None else options.since
    if since >= until:
        raise Refusal("--since is not before --until; exchange them", WRONG_USE)
    return Window(since, until)
