"""One trace as a tree, with its critical path."""

import argparse

from tachograph.cli.common import OK, reading, show
from tachograph.measure.traces import trace
from tachograph.present import as_json, otlp_trace, viewers
from tachograph.store import read_trace

FORMATS = ("text", "json", "perfetto", "speedscope", "otlp")
_WRITERS = {
    "json": as_json.trace,
    "perfetto": viewers.perfetto,
    "speedscope": viewers.speedscope,
    "otlp": otlp_trace.trace,
}


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("trace_id", metavar="TRACE_ID", help="a trace id, or as much of its start as is unique")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        made = trace(read_trace(store, options.trace_id))
    if options.format in _WRITERS:
        print(_WRITERS[options.format](made))
    else:
        from tachograph.present.trace import trace as render

        show(render(made))
    return OK
