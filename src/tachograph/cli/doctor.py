"""Say whether telemetry is made, kept, delivered and read, and what to mend."""

import argparse
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tachograph import environment, settings
from tachograph.cli.common import FAILED, OK, show, tell, window
from tachograph.deliver import losses, segments
from tachograph.deliver.shipping import destination, pending
from tachograph.deliver.shipping.destination import Destination
from tachograph.deliver.shipping.ledger import Ledger
from tachograph.deliver.shipping.post import Accepted, Poster
from tachograph.measure import costs, health, reconciling
from tachograph.measure.health import Facts
from tachograph.present import as_json, connecting
from tachograph.receive import notes
from tachograph.records import Window
from tachograph.settings import Settings
from tachograph.store import StoreError, StoreMissing, open_store, unread

_PROBE_S = 3
_SLACK_NS = 1_000_000_000  # by which clocks may well disagree


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--endpoint", metavar="URL", help="the Collector to ask; else the standard variables")
    parser.add_argument(
        "--connect",
        choices=connecting.TOOLS,
        help="print the settings that make a coding agent send to tachograph receive (or to --endpoint)",
    )


def run(options: argparse.Namespace) -> int:
    configured = settings.load()
    if options.connect:
        return _connect(options, notes.found(configured.receiver_note))
    found = health.judge(_facts(options, configured, window(options)))
    if options.format == "json":
        print(as_json.dumps(found))
    else:
        from tachograph.present.health import findings

        show(findings(found))
    return FAILED if any(finding.state == health.FAIL for finding in found) else OK


def _connect(options: argparse.Namespace, receiver: str | None) -> int:
    url = (options.endpoint or receiver or connecting.DEFAULT).rstrip("/")
    if not (options.endpoint or receiver):
        tell("no receiver runs yet; start one with: tachograph receive")
    made = connecting.connection(options.connect, url)
    print(as_json.dumps(made) if options.format == "json" else connecting.text(made))
    return OK


def _facts(options: argparse.Namespace, configured: Settings, asked: Window) -> Facts:
    folder = configured.spool_folder
    collector, unshipped = _collector(options.endpoint, folder)
    store, not_read, problem, reconciled = _store(options.store or configured.store_path, folder, asked)
    return Facts(
        spool_is_on=environment.spool_is_on(),
        spool_problem=_unwritable(folder),
        spool_files=len(segments.names(folder)) if folder.is_dir() else 0,
        unread=not_read,
        unshipped=unshipped,
        lost=losses.totals(folder),
        unpriced=_unpriced(options.store or configured.store_path, asked) if store else {},
        collector=collector,
        receiver=notes.found(configured.receiver_note),
        store_problem=problem,
        store=store,
        reconciled=reconciled,
    )


def _unpriced(url: str | Path, asked: Window) -> dict[str, int]:
    """Calls whose cost nobody knows, by model."""
    with open_store(url, read_only=True) as store:
        models = costs.summary(store, asked).models
    return {model.model or "no name": model.unpriced_calls for model in models if model.unpriced_calls}


def _unwritable(folder: Path) -> str | None:
    """Why a file cannot be made there, or above where the folder is not there yet."""
    place = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"\n" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return f"{place}: {error.strerror}"
    return None


def _collector(endpoint: str | None, folder: Path) -> tuple[str | None, int]:
    """What the Collector that is named says to an empty request, and how much waits for it."""
    variables = settings.exporter_variables()
    if not endpoint and not any(name.endswith("ENDPOINT") for name in variables):
        return None, 0
    try:
        where = destination.destinations(endpoint, variables)["traces"]
    except destination.WrongSetting as wrong:
        return str(wrong), 0
    return _answer(where), _waiting(folder)


def _answer(where: Destination) -> str:
    poster = Poster(where)
    try:
        answer = poster.post(pending.request("traces", []), _PROBE_S)
    finally:
        poster.close()
    return "" if isinstance(answer, Accepted) else answer.reason


def _waiting(folder: Path) -> int:
    if not folder.is_dir():
        return 0
    items = pending.read(folder, Ledger.read(folder), pending.Tally())
    return sum(item.count for item in items if isinstance(item, pending.Item))


def _store(url: str | Path, folder: Path, asked: Window) -> tuple[Mapping[str, int] | None, int, str | None, str]:
    """Counts of what the store holds, spool files that it has not read, why it cannot be asked, and why stated tokens
    differ from those that are counted."""
    bounds = {"since": asked.since_ns, "until": asked.until_ns, "now": time.time_ns(), "slack": _SLACK_NS}
    try:
        with open_store(url, read_only=True) as store:
            differ = reconciling.explained(reconciling.reconciliation(store, asked))
            return store.query("doctor", **bounds)[0], unread(store, folder), None, differ
    except StoreMissing:
        return None, 0, None, ""
    except StoreError as error:
        return None, 0, str(error), ""
