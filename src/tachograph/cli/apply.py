"""Note that a recommendation was applied: its prediction is kept as it is now, to be held against what it brings."""

import argparse
import json
import time
from dataclasses import replace

from tachograph import settings
from tachograph.cli.common import FAILED, OK, WRONG_USE, Refusal, reading, tell
from tachograph.cli.judging import judged
from tachograph.cli.recommend import declare_recipes
from tachograph.cli.times import moment
from tachograph.measure.improvements import applied, calibration_table, keep_applied
from tachograph.present import as_json
from tachograph.records import Applied, PerformanceRecommendation, Window
from tachograph.store import Store, open_store


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the recommendation, as `tachograph recommend` lists it")
    parser.add_argument("--at", type=moment, metavar="TIME", help="when it was applied; now unless said")
    parser.add_argument("--note", default="", metavar="TEXT", help="what was done, for whoever reads the figures later")
    declare_recipes(parser)


def run(options: argparse.Namespace) -> int:
    at = time.time_ns() if options.at is None else options.at
    with reading(options) as store:
        known = next((one for one in applied(store) if one.id == options.id), None)
        record = _frozen(store, options, at) if known is None else _again(known, options, at)
    with open_store(options.store or settings.load().store_path) as store:
        keep_applied(store, record)
    _say(record, options)
    return OK


def _again(known: Applied, options: argparse.Namespace, at: int) -> Applied:
    """The prediction stays as it was frozen."""
    tell(f"{known.id} was noted before; its prediction stays, the time {'is now the new one' if options.at else 'too'}")
    return replace(known, applied_ns=at if options.at else known.applied_ns, note=options.note or known.note)


def _frozen(store: Store, options: argparse.Namespace, at: int) -> Applied:
    until = at if options.until is None else min(at, options.until)
    window = Window(options.since or 0, until)
    if window.since_ns >= window.until_ns:
        raise Refusal("--since is not before the time at which it was applied; choose an earlier one", WRONG_USE)
    found = judged(store, window, options.recipes)
    one = next((one for one in found.recommendations if one.id == options.id), None)
    if one is None:
        raise Refusal(
            f"nothing that was recorded before {as_json.moment(at)} recommends {options.id!r}; "
            "tachograph recommend lists what there is",
            FAILED,
        )
    return _record(store, one, found.rivals.get(one.role, 1), window, at, options.note)


def _record(store: Store, one: PerformanceRecommendation, rivals: int, window: Window, at: int, note: str) -> Applied:
    from tachograph.recommend import calibrated

    said = one.prediction
    if said.change_pct is None:
        raise Refusal(f"{one.id} predicts nothing that could be measured; there is nothing to verify", FAILED)
    low, high = said.interval_pct or (said.change_pct, said.change_pct)
    return Applied(
        id=one.id,
        applied_ns=at,
        title=one.title,
        note=note,
        claim=one.claim,
        role=one.role,
        component=one.component,
        measure=said.measure,
        raw_pct=said.change_pct / calibrated(calibration_table(store)).ratio(one.claim),
        predicted_pct=said.change_pct,
        low_pct=low,
        high_pct=high,
        rivals=rivals,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        recommendation=as_json.dumps(one),
    )


def _say(record: Applied, options: argparse.Namespace) -> None:
    if options.format == "json":
        print(as_json.dumps({**_plain(record), "recommendation": json.loads(record.recommendation)}))
        return
    unit = "points" if record.measure == "success_rate" else "%"
    print(
        f"{record.id} applied at {as_json.moment(record.applied_ns)}: {record.title}\n"
        f"Predicted: {record.predicted_pct:+.1f} {unit} (90 % interval {record.low_pct:+.1f} to "
        f"{record.high_pct:+.1f}). "
        f"After some executions: tachograph verify {record.id}"
    )


def _plain(record: Applied) -> dict[str, object]:
    return {name: getattr(record, name) for name in Applied.__slots__}
