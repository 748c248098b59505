"""The prices that a store goes by: looked up once for each model, and again where the prices themselves changed."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from tachograph.store import statements
from tachograph.store.database import Store
from tachograph.store.pricing import COLUMNS, Book, Key
from tachograph.store.writer import incoming


def refresh(store: Store, book: Book) -> None:
    """Look up anew what has prices of another edition; traces whose prices changed are settled again."""
    keys = _keys(store.query(statements.OLD_PRICE_KEYS, edition=book.edition))
    if not keys:
        return
    with store.transaction(), incoming(store, {"incoming_prices": _table(book, keys)}):
        changed = store.arrow(statements.CHANGED_PRICES, edition=book.edition)
        if changed.num_rows:
            with incoming(store, {"changed_prices": changed}):
                store.execute(statements.UNSETTLE_REPRICED)
        store.execute(statements.DELETE_PRICES, edition=book.edition)
        store.execute(statements.INSERT_PRICES)


def look_up(store: Store, book: Book, times: dict[str, int]) -> None:
    """Prices for the models that the block of traces being settled is the first to use."""
    keys = _keys(store.query(statements.NEW_PRICE_KEYS, **times))
    if keys:
        with incoming(store, {"incoming_prices": _table(book, keys)}):
            store.execute(statements.INSERT_PRICES)


def _keys(rows: Iterable[dict[str, Any]]) -> list[Key]:
    return [Key(**row) for row in rows]


def _table(book: Book, keys: Iterable[Key]) -> pa.Table:
    rows = [dict(zip(COLUMNS, (*key, *rate), strict=True)) for key, rate in book.rates(keys)]
    return pa.Table.from_pylist([row | {"edition": book.edition} for row in rows], _SCHEMA)


def _kind(column: str) -> pa.DataType:
    return pa.int64() if column.endswith(("_ns", "_s", "_tokens")) else pa.float64()


_TEXTS = {*Key._fields, "source"}
_SCHEMA = pa.schema(
    [(name, pa.string() if name in _TEXTS else _kind(name)) for name in COLUMNS] + [("edition", pa.string())]
)
