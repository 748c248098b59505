"""What costs time or success, with the evidence; the most important first."""

import argparse

from tachograph.cli.common import OK, reading, show, window
from tachograph.detect import judge
from tachograph.measure.history import gathered
from tachograph.present import as_json


def declare(parser: argparse.ArgumentParser) -> None:
    """Bottlenecks need no arguments of their own."""


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        found = judge(*gathered(store, window(options)))
    if options.format == "json":
        print(as_json.dumps(found.bottlenecks))
    else:
        from tachograph.present.bottlenecks import bottlenecks

        show(bottlenecks(found.bottlenecks, found.insufficient))
    return OK
