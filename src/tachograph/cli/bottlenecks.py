"""What costs time or success, with the evidence; the most important first."""

import argparse
from typing import TYPE_CHECKING

from tachograph import settings
from tachograph.cli.common import OK, reading, show, tell, window
from tachograph.cli.judging import judged
from tachograph.measure.baseline import write_baseline
from tachograph.present import as_json
from tachograph.records import BottleneckDetection

if TYPE_CHECKING:
    from tachograph.store import Store


def declare(parser: argparse.ArgumentParser) -> None:
    """Bottlenecks need no arguments of their own."""


def _note(store: "Store", found: list[BottleneckDetection]) -> None:
    """Let what runs from now on be held against what was found; a home that cannot be written is told."""
    try:
        write_baseline(store, found, settings.home())
    except OSError as error:
        tell(f"cannot write the baseline beside the store ({error.strerror}); spans will not be marked")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        found = judged(store, window(options))
        if not options.store and options.since is None and options.until is None:
            _note(store, found.bottlenecks)
    if options.format == "json":
        print(as_json.dumps(found.bottlenecks))
    else:
        from tachograph.present.bottlenecks import bottlenecks

        show(bottlenecks(found.bottlenecks, found.insufficient))
    return OK
