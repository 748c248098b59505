"""What two instrumentations tell of counts once."""

from tachograph.semantics import retold


def test_a_scope_stands_for_those_below_it() -> None:
    """`a.b` covers `a.b.c`, not `a.bc`, and only the roles that were named."""
    retold.cover(["tests.covered"], ["agent", "model"])
    assert retold.is_covered("tests.covered", "agent")
    assert retold.is_covered("tests.covered.processor", "model")
    assert not retold.is_covered("tests.coveredtoo", "agent")
    assert not retold.is_covered("tests.covered", "tool")
    assert retold.is_covered("tests.covered")
