"""Whether telemetry is made, kept, delivered and read: what was found out, judged check by check; pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tachograph.records import Finding

OK, WARN, FAIL = "ok", "warn", "fail"

_NAMED = 5  # models without a price


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out. `store` is None where there is none; `collector` what it answered to an empty request, ""
    where it took it, None where none is named; `receiver` is the address of one that runs; counts are of spans,
    files or lines."""

    spool_is_on: bool = True
    spool_problem: str | None = None
    spool_files: int = 0
    unread: int = 0
    unshipped: int = 0
    lost: Mapping[tuple[str, str], int] = field(default_factory=dict)
    unpriced: Mapping[str, int] = field(default_factory=dict)  # calls whose cost nobody knows, by model
    collector: str | None = None
    receiver: str | None = None
    store_problem: str | None = None
    store: Mapping[str, int] | None = None
    reconciled: str = ""  # why stated token totals differ from what is counted


def judge(facts: Facts) -> list[Finding]:
    """One finding a check, in the order in which telemetry flows."""
    return [Finding(name, *check(facts)) for name, check in _CHECKS.items()]


_Judged = tuple[str, str, str]


def _made(facts: Facts) -> _Judged:
    spans = facts.store["spans"] if facts.store else 0
    if spans or facts.spool_files:
        return OK, f"{facts.spool_files} spool files, {spans:,} spans in the store", ""
    return (
        FAIL,
        "nothing was recorded so far",
        "run a program under it: opentelemetry-instrument python app.py; tachograph demo shows how it looks",
    )


def _kept(facts: Facts) -> _Judged:
    if not facts.spool_is_on:
        return WARN, "the spool is switched off", "unset TACHOGRAPH_SPOOL to lose nothing when a program is killed"
    if facts.spool_problem:
        return FAIL, f"the spool cannot be written: {facts.spool_problem}", "mend it, or name another TACHOGRAPH_HOME"
    return OK, "the spool can be written", ""


def _lost(facts: Facts) -> _Judged:
    if not facts.lost:
        return OK, "nothing was lost", ""
    told = ", ".join(f"{count:,} {signal} ({reason})" for (signal, reason), count in facts.lost.items())
    return WARN, f"lost so far: {told}", "make room, raise TACHOGRAPH_SPOOL_MAX_MB, or run tachograph ship from cron"


def _received(facts: Facts) -> _Judged:
    if facts.receiver:
        return OK, f"a receiver runs on {facts.receiver}", ""
    return OK, "no receiver runs; tachograph receive is one, for coding agents see --connect", ""


def _delivered(facts: Facts) -> _Judged:
    if facts.collector is None:
        return OK, "no Collector is named; spans stay in the spool", ""
    if facts.collector:
        return (
            FAIL,
            f"the Collector takes nothing: {facts.collector}",
            "check OTEL_EXPORTER_OTLP_ENDPOINT and _PROTOCOL",
        )
    if facts.unshipped:
        return WARN, f"{facts.unshipped:,} spans and records wait in the spool", "run tachograph ship"
    return OK, "the Collector takes what it is sent, and nothing waits for it", ""


def _read(facts: Facts) -> _Judged:
    if facts.store_problem:
        return FAIL, facts.store_problem, "move the file away and run tachograph ingest again"
    if facts.store is None:
        return WARN, "there is no store yet", "run tachograph ingest"
    if facts.unread:
        return WARN, f"{facts.unread:,} spool files were not read yet", "run tachograph ingest"
    return OK, "everything in the spool was read", ""


def _clocks(facts: Facts) -> _Judged:
    store = facts.store or {}
    if not (store.get("future") or store.get("early")):
        return OK, "clocks agree", ""
    said = f"{store['future']:,} spans from the future, {store['early']:,} before their parent on another machine"
    return WARN, f"clocks disagree: {said}", "synchronise the machines' clocks (NTP)"


def _priced(facts: Facts) -> _Judged:
    """Never a warning: a model of one's own has no list price, and nothing is amiss with its telemetry."""
    if not facts.unpriced:
        return OK, "no call is without a known cost", ""
    names = ", ".join(sorted(facts.unpriced, key=lambda name: -facts.unpriced[name])[:_NAMED])
    calls = sum(facts.unpriced.values())
    return OK, f"calls without a known cost: {calls:,} ({names}); TACHOGRAPH_PRICES names a file of prices", ""


def _orphans(facts: Facts) -> _Judged:
    orphans = (facts.store or {}).get("orphans", 0)
    if not orphans:
        return OK, "every parent is there", ""
    told = "ingest the files of all processes; a process that was killed, or samples differently, leaves such spans"
    return WARN, f"{orphans:,} spans name a parent that never came", told


def _doubled(facts: Facts) -> _Judged:
    doubled = (facts.store or {}).get("doubled", 0)
    if not doubled:
        return OK, "no call is told twice", ""
    told = "switch one of the two instrumentations off: OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
    return WARN, f"{doubled:,} model calls are told by two instrumentations; each counts once", told


def _reconciled(facts: Facts) -> _Judged:
    if not facts.reconciled:
        return OK, "stated tokens are those of the calls", ""
    return WARN, facts.reconciled, "nothing to mend in the figures: each call counts once; docs/dialects.md says how"


_CHECKS: dict[str, Callable[[Facts], _Judged]] = {
    "made": _made,
    "kept": _kept,
    "received": _received,
    "lost": _lost,
    "delivered": _delivered,
    "read": _read,
    "priced": _priced,
    "clocks": _clocks,
    "orphans": _orphans,
    "counted once": _doubled,
    "reconciled": _reconciled,
}
