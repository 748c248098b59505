"""Two windows compared: what made executions slower, or fail more often."""

import argparse

from tachograph.cli.common import FAILED, OK, reading, show, tell
from tachograph.cli.times import moment
from tachograph.detect.comparison import compare
from tachograph.measure.history import history
from tachograph.present import as_json
from tachograph.records import Window


def declare(parser: argparse.ArgumentParser) -> None:
    form = "FROM..TO, for instance 14d..7d or 2026-11-01..2026-11-08; nothing after the dots is now"
    parser.add_argument("--baseline", type=_span, required=True, metavar="FROM..TO", help=form)
    parser.add_argument("--candidate", type=_span, required=True, metavar="FROM..TO", help="the window that is judged")
    parser.add_argument("--recipe", metavar="NAME", help="only executions of this recipe")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        baseline, candidate = (history(store, window) for window in (options.baseline, options.candidate))
    found = compare(baseline, candidate, options.recipe)
    if options.format == "json":
        print(as_json.dumps(found))
    else:
        from tachograph.present.comparison import comparison

        show(comparison(found))
    if not baseline.executions or not candidate.executions:
        empty = "--baseline" if not baseline.executions else "--candidate"
        tell(f"no execution ended in the window of {empty}; tachograph report says when there were some")
        return FAILED
    if options.recipe and options.recipe not in candidate.recipes.words["name"].names:
        tell(f"no recipe named {options.recipe!r} in the window of --candidate; tachograph recipes lists them")
        return FAILED
    return OK


def _span(text: str) -> Window:
    since, dots, until = text.partition("..")
    if not dots or not since:
        raise argparse.ArgumentTypeError(f"{text!r} is no window; write FROM..TO, for instance 14d..7d")
    made = Window(moment(since), moment(until or "0s"))
    if made.since_ns >= made.until_ns:
        raise argparse.ArgumentTypeError(f"{text!r} ends before it begins; exchange the two times")
    return made
