"""Intervals for what is measured, from counts and sums that a database can deliver; all at 95 %."""

import math
from dataclasses import dataclass

Interval = tuple[float, float]

_Z = 1.959963984540054  # the normal distribution's 97.5 % quantile


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval and n; value and interval are None where there is nothing to estimate from."""

    value: float | None
    ci: Interval | None
    n: int
    variance: float | None = None  # of the estimate itself, where one is defined
    freedom: float = math.inf


def proportion(successes: int, n: int) -> Estimate:
    """A share with its Wilson score interval (Wilson 1927): sensible for small n and at 0 and 1."""
    if n == 0:
        return Estimate(None, None, 0)
    p = successes / n
    centre = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return Estimate(p, (max(0.0, centre - half), min(1.0, centre + half)), n)


def mean(n: int, total: float, squares: float) -> Estimate:
    """A mean with Student's t interval, from n, the sum and the sum of squares; no interval for a single value."""
    if n == 0:
        return Estimate(None, None, 0)
    value = total / n
    if n == 1:
        return Estimate(value, None, 1)
    variance = max(0.0, (squares - n * value**2) / (n - 1)) / n
    half = _t(n - 1) * math.sqrt(variance)
    return Estimate(value, (value - half, value + half), n, variance, n - 1)


def ratio_of_sums(n: int, x: float, y: float, xx: float, yy: float, xy: float) -> Estimate:
    """sum(y) / sum(x) over n clusters, with the interval of its linearisation (Cochran, Sampling Techniques, 6.4)."""
    if n == 0 or x == 0:
        return Estimate(None, None, n)
    ratio = y / x
    if n == 1:
        return Estimate(ratio, None, 1)
    residuals = max(0.0, yy - 2 * ratio * xy + ratio**2 * xx)
    variance = n / (n - 1) * residuals / x**2
    half = _t(n - 1) * math.sqrt(variance)
    return Estimate(ratio, (ratio - half, ratio + half), n, variance, n - 1)


def difference_of_proportions(now: Estimate, before: Estimate) -> Interval | None:
    """Newcombe's interval for now - before, built from the two Wilson intervals (Newcombe 1998, method 10)."""
    if now.value is None or before.value is None or now.ci is None or before.ci is None:
        return None
    change = now.value - before.value
    low = math.hypot(now.value - now.ci[0], before.ci[1] - before.value)
    high = math.hypot(now.ci[1] - now.value, before.value - before.ci[0])
    return change - low, change + high


def difference_of_means(now: Estimate, before: Estimate) -> Interval | None:
    """Welch's interval for now - before, with Satterthwaite's degrees of freedom."""
    if now.value is None or before.value is None or now.variance is None or before.variance is None:
        return None
    variance = now.variance + before.variance
    change = now.value - before.value
    if variance == 0:
        return change, change
    freedom = variance**2 / (now.variance**2 / now.freedom + before.variance**2 / before.freedom)
    half = _t(freedom) * math.sqrt(variance)
    return change - half, change + half


def _t(freedom: float) -> float:
    """The t distribution's 97.5 % quantile. SciPy is loaded here, where it is needed, as it is slow to start."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
