"""Work on a store in little memory, and with more where that is not enough."""

import duckdb

from tachograph.store import Store


def _limit(store: Store) -> str:
    ((limit,),) = store.connection.execute("SELECT current_setting('memory_limit')").fetchall()
    return str(limit)


def test_little_memory_is_given_for_the_time_of_the_work_only(store: Store) -> None:
    """Before and after there is as much as there was."""
    before = _limit(store)
    during = store.frugally(lambda: _limit(store))
    assert during != before
    assert _limit(store) == before


def test_what_does_not_fit_is_done_again_with_more(store: Store) -> None:
    """And only once."""
    seen = list[str]()

    def work() -> int:
        seen.append(_limit(store))
        if len(seen) == 1:
            raise duckdb.OutOfMemoryException("too little")
        return len(seen)

    assert store.frugally(work) == 2
    assert seen[1] == _limit(store) != seen[0]
