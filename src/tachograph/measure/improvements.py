"""Recommendations that were applied, and what they were measured to bring, kept in the store."""

from typing import Any, Final

from tachograph.measure.history import history
from tachograph.records import Applied, Held, Verification, Window
from tachograph.records.history import History
from tachograph.store import Store, statements

# Verdicts that rest on enough executions to learn from.
_CERTAIN: Final = frozenset({"confirmed", "weaker", "none", "worse"})
_LAST: Final = 2**63 - 1


def applied(store: Store) -> list[Applied]:
    """All recommendations that were applied, the earliest first."""
    return [Applied(**row) for row in store.query(statements.READ_APPLIED)]


def keep_applied(store: Store, record: Applied) -> None:
    """Note that a recommendation was applied, in the place of what was noted of it before."""
    fields: dict[str, Any] = {name: getattr(record, name) for name in Applied.__slots__}
    with store.transaction():
        store.execute(statements.DELETE_APPLIED, id=record.id)
        store.execute(statements.INSERT_APPLIED, **fields)


def keep_verification(store: Store, found: Verification, now_ns: int) -> None:
    """Note what an applied recommendation was measured to bring, in the place of an earlier measurement."""
    low, high = found.ci_pct or (None, None)
    with store.transaction():
        store.execute(statements.DELETE_VERIFICATION, id=found.id)
        store.execute(
            statements.INSERT_VERIFICATION, id=found.id, verified_ns=now_ns, measured_pct=found.measured_pct,
            low_pct=low, high_pct=high, verdict=found.verdict, baseline=found.baseline, n_before=found.n_before,
            n_after=found.n_after,
        )  # fmt: skip


def verifications(store: Store) -> list[Verification]:
    """What was last measured of each applied recommendation, the latest applied first."""
    return [_verification(row) for row in store.query(statements.READ_VERIFICATIONS)]


def calibration_table(store: Store) -> list[Held]:
    """Predictions, before any correction, with what was measured on enough executions."""
    return [
        Held(row["claim"], row["raw_pct"], row["measured_pct"])
        for row in store.query(statements.READ_VERIFICATIONS)
        if row["verdict"] in _CERTAIN and row["measured_pct"] is not None
    ]


def before_and_after(store: Store, record: Applied, window: Window) -> tuple[History, History]:
    """What happened before a recommendation was applied, and since, within a window."""
    border = min(max(record.applied_ns, window.since_ns), window.until_ns)
    return (
        history(store, Window(window.since_ns, border)),
        history(store, Window(border, max(border + 1, min(window.until_ns, _LAST)))),
    )


def _verification(row: dict[str, Any]) -> Verification:
    low, high = row["low_pct"], row["high_pct"]
    return Verification(
        id=row["id"],
        title=row["title"],
        predicted_pct=row["predicted_pct"],
        measured_pct=row["measured_pct"],
        ci_pct=None if low is None or high is None else (low, high),
        verdict=row["verdict"] or "not measured yet",
        measure=row["measure"],
        claim=row["claim"],
        baseline=row["baseline"] or "",
        n_before=row["n_before"] or 0,
        n_after=row["n_after"] or 0,
    )
