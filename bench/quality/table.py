"""The table of the benchmark: how far scores tell damage, of which kind it is, and how much."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from damage import KINDS, LEVELS
from scipy import stats

HEAD = ("damage", "dimension", "packages", "lower", "others moved", "Spearman, median", "Spearman, all")
TARGETS = ("", "", "", "≥ 95 %", "< 0.5", "≥ 0.9", "")

Record = Mapping[str, Any]


def table(records: Sequence[Record]) -> str:
    """A row for each kind of damage, and the mean scores by level below."""
    scores = {tuple(record["case"]): record["scores"] for record in records if record["scores"]}
    rows = [HEAD, TARGETS, *(_row(kind, scores) for kind in KINDS)]
    missing = sum(value is None for each in scores.values() for value in each.values())
    every = sum(map(len, scores.values()))
    note = f"{missing} of {every} scores were not measured; they count as not lower, and among others not at all."
    return "\n".join([*_aligned(rows), "", note, "", *_aligned(_by_level(scores))])


def _row(kind: str, scores: Mapping[tuple[Any, ...], Record]) -> tuple[str, ...]:
    dimension = KINDS[kind][0]
    names = sorted({name for name, of, level in scores if of == kind and (name, "none", 0) in scores})
    pairs = [(scores[name, "none", 0], scores[name, kind, level]) for name in names for level in LEVELS
             if (name, kind, level) in scores]  # fmt: skip
    lower = [_value(after, dimension) < _value(before, dimension) for before, after in pairs]
    others = [abs(_value(after, other) - _value(before, other)) for before, after in pairs
              for other in before if other != dimension and None not in (before[other], after[other])]  # fmt: skip
    each = [_spearman(_series(name, kind, dimension, scores)) for name in names]
    every = [pair for name in names for pair in _series(name, kind, dimension, scores)]
    return (
        *(kind, dimension, str(len(names)), f"{sum(lower)} of {len(lower)}, {100 * _mean(lower):.1f} %"),
        *(f"{_mean(others):.2f}", f"{statistics.median(each or [0]):.2f}", f"{_spearman(every):.2f}"),
    )


def _value(scores: Record, dimension: str) -> float:
    """A score; one that was not measured is neither lower nor higher than any."""
    value = scores[dimension]
    return float("nan") if value is None else float(value)


def _series(name: str, kind: str, dimension: str, scores: Mapping[tuple[Any, ...], Record]) -> list[tuple[int, float]]:
    cases = [(0, (name, "none", 0)), *((level, (name, kind, level)) for level in LEVELS)]
    return [(level, _value(scores[case], dimension)) for level, case in cases if case in scores]


def _spearman(series: Sequence[tuple[int, float]]) -> float:
    """Rank correlation of damage with what is lost; 0 where the score does not move, NaN never counts for us."""
    levels, values = zip(*series, strict=True) if series else ((), ())
    if len(set(values)) < 2 or np.isnan(values).any():
        return 0.0
    return float(-stats.spearmanr(levels, values).statistic)


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0


def _by_level(scores: Mapping[tuple[Any, ...], Record]) -> list[tuple[str, ...]]:
    dimensions = [dimension for dimension, _ in KINDS.values()]
    rows = [("damage", "level", *dimensions)]
    for kind, level in [("none", 0), *((kind, level) for kind in KINDS for level in LEVELS)]:
        found = [each for (_, of, at), each in scores.items() if (of, at) == (kind, level)]
        known = [[each[dimension] for each in found if each[dimension] is not None] for dimension in dimensions]
        rows.append((kind, str(level), *(f"{_mean(values):.2f}" if values else "–" for values in known)))
    return rows


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
