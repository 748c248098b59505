"""The tree work on arrays gives what slow and obvious code gives, and no shape of tree makes it hang."""

import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tachograph.store.settling import lineage

# Any parents: roots, trees, chains and circles.
wild = st.integers(1, 30).flatmap(lambda n: st.lists(st.integers(-1, n - 1), min_size=n, max_size=n))
# Only trees: a parent stands before its children, then all is shuffled.
trees = st.integers(1, 30).flatmap(
    lambda n: st.tuples(st.permutations(range(n)), *(st.integers(-1, i - 1) for i in range(n))).map(shuffled)
)


def shuffled(drawn: tuple[list[int], *tuple[int, ...]]) -> list[int]:
    """Parents by position under new numbers."""
    order, *parents = drawn
    result = [-1] * len(parents)
    for child, parent in enumerate(parents):
        result[order[child]] = order[parent] if parent >= 0 else -1
    return result


def array(values: list[int]) -> lineage.Indices:
    return np.array(values, dtype=np.int64)


def ancestors(parents: list[int], index: int) -> list[int]:
    """Nearest first; the parents must be trees."""
    found = []
    while (index := parents[index]) >= 0:
        found.append(index)
    return found


def circle(parents: list[int], index: int) -> bool:
    """Whether the way up from `index` comes back to it."""
    at = index
    for _ in parents:
        at = parents[at]
        if at == index:
            return True
        if at < 0:
            return False
    return False


@given(wild)
def test_cycles_are_cut(parents: list[int]) -> None:
    """Their members are parents of nothing and have none; all else stays."""
    cut, members = lineage.without_cycles(array(parents))
    expected = [circle(parents, index) for index in range(len(parents))]
    assert members.tolist() == expected
    assert cut.tolist() == [
        -1 if parent < 0 or expected[child] or expected[parent] else parent for child, parent in enumerate(parents)
    ]


@given(trees, st.data())
def test_nearest_depth_root_and_sums(parents: list[int], data: st.DataObject) -> None:
    """Each is what walking up or down the tree finds."""
    count = len(parents)
    wanted = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    values = data.draw(st.lists(st.integers(0, 1_000), min_size=count, max_size=count))
    up = [ancestors(parents, index) for index in range(count)]
    beneath = [[i for i in range(count) if i == unit or unit in up[i]] for unit in range(count)]
    nearest = [next((above for above in chain if wanted[above]), -1) for chain in up]
    tree, mask = array(parents), np.array(wanted)
    assert lineage.nearest(tree, mask).tolist() == nearest
    own = [index if wanted[index] else nearest[index] for index in range(count)]
    assert lineage.nearest_or_self(tree, mask).tolist() == own
    assert lineage.depths(tree).tolist() == [len(chain) for chain in up]
    assert lineage.roots(tree).tolist() == [chain[-1] if chain else index for index, chain in enumerate(up)]
    assert lineage.sums(tree, array(values)).tolist() == [sum(values[i] for i in below) for below in beneath]
    assert lineage.maxima(tree, array(values)).tolist() == [max(values[i] for i in below) for below in beneath]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(-1, 6)), unique_by=lambda row: row[:2]))
def test_parents_are_found_within_their_trace(spans: list[tuple[int, int, int]]) -> None:
    """Traces may use the same span ids."""
    places = {(trace, span): index for index, (trace, span, _) in enumerate(spans)}
    found = lineage.parent_indices(*(array([row[field] for row in spans]) for field in range(3)))
    assert found.tolist() == [places.get((trace, parent), -1) for trace, _, parent in spans]


moments = st.tuples(st.integers(0, 1), st.integers(0, 12), st.integers(0, 12), st.integers(0, 3), st.booleans())


@given(st.lists(moments, max_size=25))
def test_orphans_are_adopted_by_the_innermost(drawn: list[tuple[int, int, int, int, bool]]) -> None:
    """The shortest enclosing candidate of the trace; of equal ones the deepest, then the first."""
    trace, start, length, depth = (array([row[field] for row in drawn]) for field in range(4))
    end = start + length
    orphans = array([index for index, row in enumerate(drawn) if row[4]])
    candidates = array([index for index, row in enumerate(drawn) if not row[4]])
    found = lineage.adopters(trace, start, end, depth, orphans, candidates)

    def expected(orphan: int) -> int:
        around = [
            (length[unit], -depth[unit], unit)
            for unit in candidates
            if trace[unit] == trace[orphan] and start[unit] <= start[orphan] and end[orphan] <= end[unit]
        ]
        return int(min(around)[2]) if around else -1

    assert found.tolist() == [expected(orphan) for orphan in orphans]


def test_long_chains_and_large_circles_take_no_time() -> None:
    """50,000 spans one below the other, and as many in a circle."""
    count = 50_000
    chain = np.arange(count) - 1
    began = time.perf_counter()
    assert lineage.sums(chain, np.ones(count, dtype=np.int64))[0] == count
    assert lineage.depths(chain)[-1] == count - 1
    assert lineage.nearest(chain, np.arange(count) == 0)[-1] == 0
    circle = (np.arange(count) + 1) % count
    cut, members = lineage.without_cycles(circle)
    assert members.all()
    assert (cut == lineage.NONE).all()
    many = np.arange(count)
    nested = lineage.adopters(np.zeros_like(many), many, 3 * count - many, many, many[-100:], many[:-100])
    assert set(nested.tolist()) == {count - 101}
    assert time.perf_counter() - began < 5


def test_nothing_in_nothing_out() -> None:
    """Empty arrays are fine."""
    none = array([])
    assert lineage.parent_indices(none, none, none).tolist() == []
    assert lineage.without_cycles(none)[0].tolist() == []
    assert lineage.adopters(none, none, none, none, none, none).tolist() == []
