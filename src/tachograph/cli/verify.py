"""What applied recommendations brought, measured on the executions since, beside what was predicted."""

import argparse
import time

from tachograph import settings
from tachograph.cli.common import FAILED, OK, Refusal, reading, show, tell, window
from tachograph.measure.improvements import applied, before_and_after, keep_verification
from tachograph.present import as_json
from tachograph.records import Applied, Verification
from tachograph.store import Store, StoreBusy, open_store


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="one recommendation; all that were applied unless said")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        known = applied(store)
        chosen = [one for one in known if options.id in (None, one.id)]
        if options.id and not chosen:
            raise Refusal(f"{options.id!r} was not applied; to note it: tachograph apply {options.id}", FAILED)
        found = [_measured(store, one, known, options) for one in chosen]
    _keep(found, options)
    if options.format == "json":
        print(as_json.dumps(found[0] if options.id else found))
    else:
        from tachograph.present.recommendations import verifications

        show(verifications(found))
    return OK


def _measured(store: Store, one: Applied, known: list[Applied], options: argparse.Namespace) -> Verification:
    from tachograph.recommend import verified

    others = [other for other in known if other.id != one.id]
    return verified(one, *before_and_after(store, one, window(options)), others)


def _keep(found: list[Verification], options: argparse.Namespace) -> None:
    """Kept for the report, and to correct later predictions: what all data say, not a window that was asked for."""
    if not found or options.since is not None or options.until is not None:
        return
    try:
        with open_store(options.store or settings.load().store_path) as store:
            for one in found:
                keep_verification(store, one, time.time_ns())
    except StoreBusy as busy:
        tell(f"measured, but not kept for the report: {busy}")
