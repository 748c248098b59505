"""What lies before a call, against one that looks at each call alone."""

import numpy as np
from columns import units
from hypothesis import given, settings
from hypothesis import strategies as st

from tachograph.detect.waits import before_calls

_TIMES = st.tuples(st.integers(0, 2), st.integers(0, 50), st.integers(0, 20), st.booleans())


@settings(max_examples=200, deadline=None)
@given(st.lists(_TIMES, min_size=1, max_size=12))
def test_it_is_what_lies_after_all_that_the_same_maker_did_before(told: list[tuple[int, int, int, bool]]) -> None:
    """Calls of tools and models by three makers, which may overlap."""
    calls = sorted((1_000 + begin, 1_000 + begin + long, maker, is_tool) for maker, begin, long, is_tool in told)
    workers = units({"start": [990.0] * 3, "duration": [100.0] * 3}, {"span_id": ["a", "b", "c"]})
    of = {is_tool: [call for call in calls if call[3] == is_tool] for is_tool in (True, False)}
    tables = [
        units(
            {
                "start": [float(call[0]) for call in of[kind]],
                "duration": [float(call[1] - call[0]) for call in of[kind]],
            },
            {"span_id": [f"{kind}{place}" for place in range(len(of[kind]))],
             "parent_id": ["abc"[call[2]] for call in of[kind]]},
        )
        for kind in (True, False)
    ]  # fmt: skip
    expected = []
    for begin, _, maker, _ in of[True]:
        ends = [end for start, end, other, _ in calls if other == maker and start < begin]
        expected.append(max(begin - max([990, *ends]), 0))
    found = before_calls(tables[0], tables[1], workers)
    begins = [(call[0], call[2]) for call in calls]
    clear = [begins.count((call[0], call[2])) == 1 for call in of[True]]  # of those that begin at once any may be first
    np.testing.assert_allclose(found[clear], np.array(expected, dtype=float)[clear], atol=1e-4)
