"""Whether an applied change brought what was predicted: executions since against executions before, like with like.

The change of the median is measured over the same mix of tasks (class x complexity, in the proportions of before), with
a bootstrap over traces. What other recipes changed by in the same time is taken out where there are any that the change
did not touch (difference in differences).
"""

from collections.abc import Sequence
from typing import Final

from scipy import special

from tachograph.recommend.measured_on import executions
from tachograph.recommend.samples import Change, Sample, change_of, controlled
from tachograph.records import Applied, Verification
from tachograph.records.history import History, Units
from tachograph.records.judgements import VERIFIED_LEVEL

FEWEST: Final = 5  # executions on either side, to measure anything
_DISJOINT: Final = 8  # executions outside the window of detection, to be preferred as a baseline
_CONTROL: Final = 8  # executions of an untouched recipe on either side
_MOST: Final = 10  # times the executions of now that are asked for at most
_Z: Final = float(special.ndtri((1 + VERIFIED_LEVEL) / 2))


def verified(applied: Applied, before: History, after: History, also_applied: Sequence[Applied] = ()) -> Verification:
    """What was measured of a recommendation, and the verdict."""
    since = Sample.of(executions(after, applied.role, applied.component), applied.measure)
    base, said, is_disjoint = _baseline(applied, executions(before, applied.role, applied.component))
    earlier, since = Sample.of(base, applied.measure).alike(since)
    if min(len(earlier), len(since)) < FEWEST:
        return _result(applied, None, None, _more(_needed(applied, earlier, len(since))), said, earlier, since)
    controls = _controls(applied, before, after, also_applied, is_disjoint)
    found = controlled(change_of(earlier, since, applied.measure), controls, applied.measure)
    if controls:
        said += f"; the change of {len(controls)} untouched recipe{'s' if len(controls) > 1 else ''} is taken out"
    measured, interval = found.value, found.interval(VERIFIED_LEVEL)
    if not is_disjoint and applied.claim != "simulated":
        measured, interval = _back_to_the_mean(applied, found, measured, interval)
        said += f"; it was the worst of {applied.rivals}, so that it would have looked better anyway: allowed for"
    verdict = _verdict(applied, measured, interval, len(earlier), len(since))
    return _result(applied, measured, interval, verdict, said, earlier, since)


def _baseline(applied: Applied, rows: Units) -> tuple[Units, str, bool]:
    """Executions that did not take part in finding the cause, where there are enough of them."""
    start = rows["start"] * 1e9
    inside = (start >= applied.since_ns) & (start < applied.until_ns)
    outside = rows.take(~inside)
    if len(outside) >= _DISJOINT:
        return outside, "against executions before that took no part in finding it", True
    return rows.take(inside), "against the executions that it was found in, for there are too few others", False


def _controls(
    applied: Applied, before: History, after: History, also_applied: Sequence[Applied], is_disjoint: bool
) -> list[Change]:
    """The change of each recipe that the recommendation does not touch."""
    touched = _touched(applied, before) | _touched(applied, after)
    if not touched:  # it is not known where it is at work
        return []
    for other in also_applied:
        touched |= _touched(other, before) | _touched(other, after)
    found = list[Change]()
    for name in sorted(set(before.recipes.words["name"].names) - touched):
        base = _baseline(applied, executions(before, "recipe", name))[0] if is_disjoint else executions(
            before, "recipe", name
        )  # fmt: skip
        pair = Sample.of(base, applied.measure).alike(Sample.of(executions(after, "recipe", name), applied.measure))
        if min(map(len, pair)) >= _CONTROL:
            found.append(change_of(*pair, applied.measure, seed=len(found) + 1))
    return found


def _touched(applied: Applied, history: History) -> set[str]:
    """The recipes in which the component is at work."""
    if applied.role == "recipe":
        return {applied.component}
    rows = executions(history, applied.role, applied.component)
    if "recipe_name" not in rows.words:
        return set()
    words = rows.words["recipe_name"]
    return {words.names[code] for code in set(words.codes.tolist()) if code >= 0}


def _back_to_the_mean(
    applied: Applied, found: Change, measured: float, interval: tuple[float, float]
) -> tuple[float, tuple[float, float]]:
    """What was picked as the worst of several looks better the next time even if nothing was done.

    By how much on average is the expected maximum of that many normal deviates (Blom 1958) times the standard error of
    the baseline. The estimate gives that up, but not its sign; the interval allows for all of it, or nothing.
    """
    k = max(applied.rivals, 2)
    bias = float(special.ndtri((k - 0.375) / (k + 0.25))) * found.baseline_error
    if applied.measure == "success_rate":
        return (max(measured - bias, 0.0) if measured > 0 else measured), (interval[0] - bias, interval[1])
    return (min(measured + bias, 0.0) if measured < 0 else measured), (interval[0], interval[1] + bias)


def _verdict(applied: Applied, measured: float, interval: tuple[float, float], n_before: int, n_after: int) -> str:
    sign = 1.0 if applied.measure == "success_rate" else -1.0
    gain, wanted = sign * measured, sign * applied.predicted_pct
    low, high = sorted((sign * interval[0], sign * interval[1]))
    if high < 0:
        return "worse"
    if low > 0:
        return "confirmed" if gain >= wanted / 2 else "weaker"
    if high < wanted:
        return "none"
    return _more(_to_tell(wanted, (high - low) / 2, n_before, n_after))


def _to_tell(wanted: float, half_width: float, n_before: int, n_after: int) -> int:
    """Executions more after which the interval cannot hold both zero and the prediction."""
    per_execution = half_width**2 / (1 / n_before + 1 / n_after)
    left = (abs(wanted) / 2) ** 2 / per_execution - 1 / n_before if per_execution else 1.0
    most = _MOST * n_after
    return max(1, min(most, round(1 / left) if left > 1 / (2 * most) else most) - n_after)


def _needed(applied: Applied, earlier: Sample, n_after: int) -> int:
    """Executions more, judged by how much those before scatter; the median's error is 1.25 times the mean's."""
    if len(earlier) < FEWEST:
        return max(FEWEST - n_after, FEWEST)
    spread = earlier.spread_pct(applied.measure)
    left = (abs(applied.predicted_pct) / 2 / (1.25 * _Z * max(spread, 1e-9))) ** 2 - 1 / len(earlier)
    return max(FEWEST - n_after, min(round(1 / left) if left > 0 else _MOST * len(earlier), _MOST * len(earlier)), 1)


def _more(count: int) -> str:
    return f"about {count} more execution{'s' if count != 1 else ''}"


def _result(
    applied: Applied,
    measured: float | None,
    interval: tuple[float, float] | None,
    verdict: str,
    baseline: str,
    earlier: Sample,
    since: Sample,
) -> Verification:
    return Verification(
        id=applied.id,
        title=applied.title,
        predicted_pct=applied.predicted_pct,
        measured_pct=None if measured is None else round(measured, 3),
        ci_pct=None if interval is None else (round(interval[0], 3), round(interval[1], 3)),
        verdict=verdict,
        measure=applied.measure,
        claim=applied.claim,
        baseline=baseline,
        n_before=len(earlier),
        n_after=len(since),
    )
