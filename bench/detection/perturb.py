"""What happens to telemetry on its way: sampling, clocks that disagree, spans that never arrive."""

from dataclasses import dataclass

from detection.chance import Chance
from detection.spans import Span

_FULL = 1 << 56  # of the randomness that a trace id carries in its last 7 bytes


@dataclass(frozen=True)
class Perturbation:
    """`sampled` is the share of traces that are kept (all with an error, too, where `keeps_errors`); `skew` in s."""

    sampled: float = 1.0
    keeps_errors: bool = False
    skew: float = 0.0
    missing: float = 0.0

    @property
    def name(self) -> str:
        """For tables."""
        told = [f"{self.sampled:.0%} {'error-keeping' if self.keeps_errors else 'head'}"] * (self.sampled < 1)
        told += [f"skew {1000 * self.skew:.0f} ms"] * (self.skew > 0) + [f"{self.missing:.0%} missing"] * (
            self.missing > 0
        )
        return ", ".join(told) or "complete"


def threshold(share: float) -> int:
    """Of rejection, as OpenTelemetry specifies probability sampling: kept where the randomness reaches it."""
    return round((1 - share) * _FULL)


def tracestate(limit: int) -> str:
    """`ot=th:` and the threshold in hexadecimal digits without trailing zeros."""
    return f"ot=th:{f'{limit:014x}'.rstrip('0') or '0'}"


def sample(spans: list[Span], how: Perturbation) -> tuple[list[Span], dict[str, str]]:
    """The spans of the traces that are kept, and the tracestate of each."""
    if how.sampled >= 1:
        return spans, {}
    failed = {span.trace for span in spans if span.error and span.parent is None} if how.keeps_errors else set()
    limit = threshold(how.sampled)
    states = {trace: tracestate(0) for trace in failed}
    for trace in {span.trace for span in spans} - failed:
        if int(trace[-14:], 16) >= limit:
            states[trace] = tracestate(limit)
    return [span for span in spans if span.trace in states], states


def lose(spans: list[Span], how: Perturbation, seed: int) -> list[Span]:
    """The spans that arrive."""
    draw = Chance(seed, "lost").of("spans")
    return [span for span in spans if draw.random() >= how.missing]


def clocks(how: Perturbation, seed: int) -> dict[str, float]:
    """How far the clock of each service is off, in seconds."""
    draw = Chance(seed, "clocks").of("services")
    return {
        service: draw.choice((-1, 1)) * how.skew * draw.uniform(0.5, 1) / 2 for service in ("orchestrator", "workers")
    }
