"""The damage that the benchmark of quality does: of one kind, graded, and to code that still parses."""

import ast
import itertools
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench" / "quality"))

import damage
import table

SOURCE = '''"""Sums."""

from __future__ import annotations

__all__ = ["count", "largest", "mean"]


def count(values):
    """How many."""
    total = 0
    for value in values:
        if value is not None and value != 0:
            total = total + 1
    return total


def largest(values, default=None):
    """The largest one."""
    best = default
    for value in values:
        if best is None or value > best:
            best = value
    return best


def mean(values):
    """The mean."""
    try:
        return _sum(values) / len(values)
    except ZeroDivisionError:
        return None


def _sum(values):
    return sum(value for value in values if value not in (None, ""))
'''
SOURCES = {"sums.py": SOURCE}
VALUES = [3, None, 4, 0]


def defined(source: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(source, names)  # noqa: S102 - is the sample above
    return names


@pytest.mark.parametrize("kind", damage.KINDS)
def test_a_level_holds_the_ones_below(kind: str) -> None:
    """More damage is the same damage and more of it, and the code still parses."""
    places = [damage.KINDS[kind][1](SOURCES, level) for level in (0, *damage.LEVELS)]
    assert places[0] == []
    if kind != "slowed":  # the same places at every level, slower each time
        assert all(set(less) <= set(more) for less, more in itertools.pairwise(places))
    versions = [damage.damaged(SOURCES, kind, level)["sums.py"] for level in (0, *damage.LEVELS)]
    assert len({versions[0], versions[1], versions[-1]}) == 3


def test_no_damage_is_none() -> None:
    """Level 0 changes comments alone."""
    changed = damage.damaged(SOURCES, "bugs", 0)["sums.py"]
    assert changed != SOURCE
    assert ast.dump(ast.parse(changed)) == ast.dump(ast.parse(SOURCE))


def test_bugs_change_what_comes_out() -> None:
    """Mutated functions no longer say the same."""
    before, after = defined(SOURCE), defined(damage.damaged(SOURCES, "bugs", 4)["sums.py"])
    assert before["count"]([1, 0, 2]) == 2  # type: ignore[operator]
    assert after["count"]([1, 0, 2]) != 2  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["untidy", "slowed"])
def test_other_damage_does_not(kind: str) -> None:
    """Untidy and slow code does what it did."""
    after = defined(damage.damaged(SOURCES, kind, 4)["sums.py"])
    assert (after["count"](VALUES), after["largest"]([3, 4]), after["mean"]([])) == (2, 4, None)  # type: ignore[operator]


def test_dropped_functions_go_with_their_exports() -> None:
    """What is dropped is not asked for by the package itself any more, and what it uses stays."""
    names = defined(damage.damaged(SOURCES, "dropped", 4)["sums.py"])
    assert set(names["__all__"]) <= set(names)  # type: ignore[call-overload]
    assert "_sum" in names
    assert "largest" not in names


def test_the_table_counts_pairs() -> None:
    """Scores that fall are counted as lower and in rank order, and other dimensions by how far they moved."""
    ten = {"correctness": 10.0, "completeness": 10.0, "code_quality": 10.0, "efficiency": 10.0}
    records = [{"case": ["p-1", "none", 0], "scores": ten}]
    for level in damage.LEVELS:
        records.append(
            {"case": ["p-1", "bugs", level], "scores": {**ten, "correctness": 9.0 - level, "efficiency": 9.0}}
        )
        records.append({"case": ["p-1", "slowed", level], "scores": {**ten, "efficiency": None}})
    bugs = next(line.split() for line in table.table(records).splitlines() if line.startswith("bugs"))
    assert bugs == ["bugs", "correctness", "1", "4", "of", "4,", "100.0", "%", "0.33", "1.00", "1.00"]
    slowed = next(line.split() for line in table.table(records).splitlines() if line.startswith("slowed"))
    assert slowed[3:8] == ["0", "of", "4,", "0.0", "%"]
