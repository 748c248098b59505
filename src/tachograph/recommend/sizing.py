"""What a draft will bring: by replay where it is a change to a recipe that replay knows, else as the finding says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tachograph.measure.replay import CannotReplay, Change, Forecast, Runs, predict
from tachograph.recommend.calibration import Calibration
from tachograph.recommend.draft import Draft
from tachograph.records import Prediction

LEAST_PCT: Final = 5.0  # a smaller gain of time is not worth a change
LEAST_POINTS: Final = 3.0
_MOVES: Final = 0.5  # of the mean's gain that the median must show to be what is measured

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sized:
    """A prediction with what it is about; `gain_pct` is of the mean time, `points` of the success rate. `raw_pct` is
    the predicted change before earlier predictions corrected it."""

    prediction: Prediction
    claim: str
    role: str
    component: str
    raw_pct: float
    gain_pct: float | None
    points: float | None
    assumptions: tuple[str, ...]


def sized(draft: Draft, runs: Mapping[str, Runs], role: str, calibration: Calibration) -> Sized | None:
    """What a draft brings, None where that is less than worth while or may be nothing."""
    recorded = runs.get(draft.recipe or "")
    if draft.change is not None and recorded is not None:
        found = _replayed(recorded, draft.change, calibration)
        # What is free to run at once need not be faster for it, and one step of two saves no more than replay says.
        if found is not None or draft.change.parallel or draft.change.scale:
            return found
    finding = draft.first
    if finding.effect.unit == "points":
        return _in_points(draft, role, calibration)
    return _in_time(draft, role, calibration)


def _replayed(runs: Runs, change: Change, calibration: Calibration) -> Sized | None:
    forecast = forecasted(runs, change)
    if forecast is None or forecast.ci_pct is None:
        return None
    ratio = calibration.ratio("simulated")
    value, interval = forecast.change_pct * ratio, _scaled(forecast.ci_pct, ratio)
    if value > -LEAST_PCT or interval[1] >= 0:
        return None
    prediction = _of(value, interval, "p50_duration", value, interval)
    points = round(forecast.success_change_pp, 3) or None
    assumed = tuple(forecast.assumptions)
    return Sized(prediction, "simulated", "recipe", runs.recipe, forecast.change_pct, round(-value, 3), points, assumed)


def forecasted(runs: Runs, change: Change) -> Forecast | None:
    """The replay of a change, None where the recorded executions do not let it be predicted."""
    try:
        return predict(runs, change)
    except CannotReplay:
        return None


def _in_time(draft: Draft, role: str, calibration: Calibration) -> Sized | None:
    finding = draft.first
    claim = _claim(draft)
    ratio = calibration.ratio(claim)
    gain, low = finding.effect.value * ratio, finding.effect.ci[0] * ratio
    if gain < LEAST_PCT or low <= 0:
        return None
    mean, interval = -gain, _scaled((-finding.effect.ci[1], -finding.effect.ci[0]), ratio)
    raw_median = finding.remedy.get("p50_change_pct", -finding.effect.value)
    low_median, high_median = finding.remedy.get("p50_ci_pct", (-finding.effect.ci[1], -finding.effect.ci[0]))
    median, median_ci = raw_median * ratio, _scaled((low_median, high_median), ratio)
    is_median = -median >= _MOVES * gain and median_ci[1] < 0
    measure, value, measured_ci = (
        ("p50_duration", median, median_ci) if is_median else ("mean_duration", mean, interval)
    )
    prediction = _of(median, median_ci, measure, value, measured_ci)
    return Sized(
        prediction, claim, role, draft.component,
        raw_median if is_median else -finding.effect.value, round(gain, 3), None, tuple(finding.assumptions),
    )  # fmt: skip


def _in_points(draft: Draft, role: str, calibration: Calibration) -> Sized | None:
    finding, ratio = draft.first, calibration.ratio(_claim(draft))
    gain, interval = finding.effect.value * ratio, _scaled(finding.effect.ci, ratio)
    if gain < LEAST_POINTS or interval[0] <= 0:
        return None
    prediction = _of(None, None, "success_rate", gain, interval)
    return Sized(
        prediction, _claim(draft), role, draft.component, finding.effect.value, None, round(gain, 3),
        tuple(finding.assumptions),
    )  # fmt: skip


def _claim(draft: Draft) -> str:
    """A finding that was measured says what is lost, not what a remedy brings: that is an observational estimate."""
    return "simulated" if draft.first.claim == "simulated" else "observational"


def _of(p50: float | None, p50_ci: Interval | None, measure: str, value: float, interval: Interval) -> Prediction:
    return Prediction(_rounded(p50), _both(p50_ci), measure, _rounded(value), _both(interval))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _both(interval: Interval | None) -> Interval | None:
    return None if interval is None else (round(interval[0], 3), round(interval[1], 3))


def _scaled(interval: Interval, ratio: float) -> Interval:
    low, high = interval[0] * ratio, interval[1] * ratio
    return min(low, high), max(low, high)
