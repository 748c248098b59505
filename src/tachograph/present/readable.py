"""What the report says in words, the same in each of its formats."""

from tachograph import redaction
from tachograph.present.numbers import NOTHING, duration
from tachograph.records import BottleneckDetection, Effect, PerformanceRecommendation, Prediction
from tachograph.records.judgements import VERIFIED_LEVEL

VERIFIED = f"{100 * VERIFIED_LEVEL:.0f} % interval"  # of what an applied change has brought

_HIDDEN = "\ufffd"
_UNITS = {"percent": ("slower", "faster"), "points": ("points fewer succeed", "points more succeed")}


def visible(text: str) -> str:
    """The text without what looks like a secret, with control characters, and those that turn writing around, shown
    as �; line ends stay. Pages and messages are shared, and what others have sent was not cleaned when it was made."""
    return "".join(char if char.isprintable() or char == "\n" else _HIDDEN for char in redaction.text(text))


def described(word: str) -> str:
    """A name of ours in plain words: `recipe_execution` is recipe execution."""
    return word.replace("_", " ")


def percent(value: float | None, *, signed: bool = True) -> str:
    """A number of per cent as a change: +3.1 %, −12.0 %."""
    if value is None:
        return NOTHING
    return f"{value:{'+' if signed else ''}.1f} %".replace("-", "−")


def interval(bounds: tuple[float, float] | None) -> str:
    """Both ends of an interval of per cent."""
    if bounds is None:
        return NOTHING
    return f"{bounds[0]:+.1f} to {bounds[1]:+.1f} %".replace("-", "−")


def effect(found: Effect) -> str:
    """What a cause costs, with its interval."""
    low, high = sorted(map(abs, found.ci)) if found.ci[0] * found.ci[1] > 0 else found.ci
    more, less = _UNITS[found.unit]
    said = more if found.value >= 0 else less
    unit = "% " if found.unit == "percent" else ""
    return f"{abs(found.value):.1f} {unit}{said} (90 % interval {low:.1f} to {high:.1f})".replace("-", "−")


def predicted(prediction: Prediction) -> str:
    """The predicted change of the median, with its interval."""
    if prediction.p50_change_pct is None:
        return "no prediction of time"
    said = f"median {percent(prediction.p50_change_pct)}"
    return said if prediction.ci_pct is None else f"{said} (90 % interval {interval(prediction.ci_pct)})"


def gains(recommendation: PerformanceRecommendation) -> list[str]:
    """What a recommendation is expected to bring, part by part, as far as it is known."""
    expected = recommendation.expected_improvement
    parts = [
        (expected.performance_gain_pct, "{:.1f} % faster"),
        (expected.success_rate_improvement_pct, "{:.1f} points more succeed"),
    ]
    said = [text.format(value) for value, text in parts if value]
    return [*said, expected.time_savings_estimate] if expected.time_savings_estimate else said


def impact(found: BottleneckDetection) -> str:
    """What it costs over all executions of the window."""
    costs = found.performance_impact
    parts = []
    if costs.avg_delay_increase_ms:
        parts.append(f"{duration(costs.avg_delay_increase_ms)} more a run")
    if costs.success_rate_decrease_pct:
        parts.append(f"{costs.success_rate_decrease_pct:.1f} points fewer succeed")
    return ", ".join([*parts, f"{costs.affected_executions_pct:.1f} % of executions affected"])
