"""Statistics that a finding rests on: regression within strata, shares with intervals, and what selection does to them.

Pure functions on arrays. Everything takes weights (how many units a row stands for) and clusters (rows that share a
cluster are not independent), and gives an estimate with its standard error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

Reals = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_ROUNDS: Final = 60
_CLOSE: Final = 1e-9
_FREEDOM: Final = 8  # degrees of freedom that must be left
_FAR: Final = 12.0  # standard errors; beyond that a normal distribution has nothing to say


@dataclass(frozen=True, slots=True)
class Estimated:
    """An estimate with its standard error; `n` rows in `clusters` clusters are behind it."""

    value: float
    error: float
    n: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients of a regression with their covariance; `clusters` are those that each really rests on: where a few
    hold most of what varies, they are the ones that count (Carter, Schnepel and Steigerwald 2017). `squares` is the
    weighted sum of squares that is left."""

    coefficients: Reals
    covariance: Reals
    n: int
    clusters: Wholes
    squares: float

    def at(self, index: int) -> Estimated:
        """One coefficient."""
        variance = float(self.covariance[index, index])
        return Estimated(float(self.coefficients[index]), max(variance, 0.0) ** 0.5, self.n, int(self.clusters[index]))


def grouped(*columns: Wholes) -> Wholes:
    """One code for each distinct combination of codes."""
    made = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        _, made = np.unique(made * (column.max(initial=0) + 2) + column + 1, return_inverse=True)
    return made.astype(np.int64)


def within(values: Reals, groups: Sequence[Wholes], weight: Reals) -> Reals:
    """Values less the weighted means of their groups; for several groupings by turns until nothing moves
    (alternating projections: Guimaraes and Portugal 2010). A column of the matrix at a time."""
    left = np.array(values, dtype=np.float64)
    scale = np.abs(left).max(initial=0.0)
    sizes = [np.bincount(group, weights=weight) for group in groups]
    for _ in range(_ROUNDS if len(groups) > 1 else 1):
        moved = 0.0
        for group, size in zip(groups, sizes, strict=True):
            means = np.bincount(group, weights=weight * left) / np.where(size > 0, size, 1)
            left -= means[group]
            moved = max(moved, float(np.abs(means).max(initial=0.0)))
        if moved <= _CLOSE * scale:
            break
    return left


def regression(
    outcome: Reals, exposures: Sequence[Reals], groups: Sequence[Wholes], weight: Reals, cluster: Wholes
) -> Fit | None:
    """Weighted least squares within groups, with cluster-robust covariance (Liang and Zeger 1986).

    What a cluster adds to the variance is raised by its leverage (Bell and McCaffrey 2002, CR3), for a cluster with
    unusual exposures pulls the line towards itself. None where the exposures do not vary enough within the groups to
    tell them apart, or there are too few clusters.
    """
    y = within(outcome, groups, weight)
    x = np.column_stack([within(exposure, groups, weight) for exposure in exposures])
    gram = x.T @ (weight[:, None] * x)
    scale = np.array([float(np.sum(weight * np.square(exposure))) for exposure in exposures])
    if (np.diag(gram) <= 1e-10 * np.maximum(scale, 1e-300)).any() or np.linalg.cond(gram / _outer(gram)) > 1e8:
        return None
    inverse = np.linalg.inv(gram)
    coefficients = inverse @ (x.T @ (weight * y))
    left = y - x @ coefficients
    scores = np.column_stack([(weight * left)[:, None] * x, weight * np.sum(x @ inverse * x, axis=1)])
    sums, count = by_cluster(scores, cluster)
    sums = sums[:, :-1] / np.maximum(1 - sums[:, -1:], 0.1)
    freedom = len(y) - _absorbed(groups) - len(exposures)
    if count < 3 or freedom < _FREEDOM:
        return None
    # What the groups took up is missing in the residuals (Correia 2017, reghdfe).
    meat = sums.T @ sums * count / (count - 1) * len(y) / freedom
    held, _ = by_cluster(weight[:, None] * np.square(x), cluster)
    effective = np.square(held.sum(axis=0)) / np.square(held).sum(axis=0)
    clusters = np.minimum(np.maximum(np.floor(effective), 2), min(count, freedom + 1)).astype(np.int64)
    return Fit(coefficients, inverse @ meat @ inverse, len(y), clusters, float(np.sum(weight * np.square(left))))


def _absorbed(groups: Sequence[Wholes]) -> int:
    """How many means are taken out."""
    return sum(len(np.unique(group)) for group in groups) - len(groups) + 1


def _outer(gram: Reals) -> Reals:
    roots = np.sqrt(np.diag(gram))
    return np.outer(roots, roots)


def by_cluster(values: Reals, cluster: Wholes) -> tuple[Reals, int]:
    """Sums of the rows of each cluster, and how many clusters there are."""
    _, places = np.unique(cluster, return_inverse=True)
    count = int(places.max(initial=-1)) + 1
    sums: Reals = np.zeros((count, values.shape[1]))
    np.add.at(sums, places, values)
    return sums, count


def share(part: Reals, whole: Reals, weight: Reals, cluster: Wholes) -> Estimated:
    """sum(part) / sum(whole) with the error of its linearisation over clusters (Cochran, Sampling Techniques, 6.4)."""
    total = float(np.sum(weight * whole))
    value = float(np.sum(weight * part)) / total
    residuals, count = by_cluster((weight * (part - value * whole))[:, None], cluster)
    spread = float(np.sum(np.square(residuals))) * count / max(count - 1, 1)
    return Estimated(value, spread**0.5 / total, len(part), count)


def p_value(estimate: Estimated, least: float) -> float:
    """How likely an estimate as large as this is where the truth is `least` (one-sided, Student's t)."""
    if estimate.error <= 0:
        return 0.0 if estimate.value > least else 1.0
    return float(special.stdtr(max(estimate.clusters - 1, 1), (least - estimate.value) / estimate.error))


def as_many(cases: Flags, weight: Reals, cluster: Wholes, rate: float) -> float:
    """How likely as many clusters with a case are by chance where each row is one at `rate` (exact binomial test,
    one-sided); rows are counted as if each stood for as many as a case does."""
    if not cases.any():
        return 1.0
    met, rows = len(np.unique(cluster[cases])), float(np.sum(weight)) / float(np.mean(weight[cases]))
    return float(special.bdtrc(met - 1, max(round(rows), met), min(rate, 1.0)))


def more_often(cases: Flags, arm: Flags) -> float:
    """How likely as many of the cases are in an arm by chance, given how many there are in all (Fisher's exact test,
    one-sided)."""
    among, here = int(cases.sum()), int(arm.sum())
    counts = np.arange(int(cases[arm].sum()), min(among, here) + 1)
    ways = _choose(among, counts) + _choose(len(cases) - among, here - counts) - _choose(len(cases), np.array(here))
    return float(np.exp(special.logsumexp(ways)))


def ranked_higher(values: Reals, arm: Flags) -> float:
    """By how many standard errors values of an arm rank higher among all than by chance (Wilcoxon's rank sum)."""
    ranks, here, beside = np.argsort(np.argsort(values)) + 1.0, int(arm.sum()), int((~arm).sum())
    above = float(ranks[arm].sum()) - here * (len(values) + 1) / 2
    return above / float(np.sqrt(max(here * beside * (len(values) + 1) / 12, 1.0)))


def _choose(n: int, k: Wholes) -> Reals:
    """The logarithm of n over k."""
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def q_values(p: Reals, discarded_above: float = 1.0) -> Reals:
    """The false discovery rate at which each would be accepted (Benjamini and Hochberg 1995).

    Of claims that something exceeds a minimum most p-values are far larger than uniform ones, and only cost power. With
    `discarded_above` those beyond it are left out and the others divided by it, which keeps the rate (Zhao, Small and
    Su 2019, "Multiple testing when many p-values are uniformly conservative").
    """
    kept = p <= discarded_above
    q = np.ones(len(p))
    q[kept] = _step_up(p[kept] / discarded_above)
    return q


def _step_up(p: Reals) -> Reals:
    order = np.argsort(p)
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return q


def interval(estimate: Estimated, level: float = 0.9) -> tuple[float, float]:
    """The ordinary interval of an estimate, by Student's t."""
    reach = float(special.stdtrit(max(estimate.clusters - 1, 1), (1 + level) / 2)) * estimate.error
    return estimate.value - reach, estimate.value + reach


def selected(estimate: Estimated, bar: float, level: float = 0.9) -> tuple[float, tuple[float, float]]:
    """The median-unbiased value and the interval of an estimate that is reported because it exceeds `bar`.

    What is reported only when it is large is too large on average. Given that it exceeded the bar its distribution
    is a truncated normal one, from which both follow (Zollner and Pritchard 2007; Fithian, Sun and Taylor 2014).
    Far above the bar they are the ordinary ones.
    """
    if estimate.error <= 0 or estimate.value <= bar:
        return estimate.value, (estimate.value, estimate.value)
    z, cut = estimate.value / estimate.error, bar / estimate.error
    tail = (1 - level) / 2
    middle, low, high = (_centre(z, cut, share) * estimate.error for share in (0.5, tail, 1 - tail))
    return middle, (low, high)


def _centre(z: float, cut: float, above: float) -> float:
    """The mean of a unit normal distribution that, cut off below `cut`, exceeds z with probability `above`."""

    def excess(centre: float) -> float:
        return float(special.log_ndtr(centre - z) - special.log_ndtr(centre - cut) - np.log(above))

    low, high = z - _FAR, z + _FAR
    if excess(low) > 0:  # so close to the bar that any small truth would do
        return low
    return float(optimize.brentq(excess, low, high, xtol=1e-4))
