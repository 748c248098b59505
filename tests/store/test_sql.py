"""The SQL files: each has a name and each name a file, and the database takes every one of them."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from tachograph.store import Store, statements
from tachograph.store.parsing import columns
from tachograph.store.writer import incoming

FOLDER = Path(statements.__file__).parent
CONSTANTS = {name: value for name, value in vars(statements).items() if re.match("[A-Z]", name)}
NAMED = {name: value for name, value in CONSTANTS.items() if isinstance(value, str)}

_KEYS = {"position": pa.int64(), "trace_id": pa.string(), "span_id": pa.string(), "digest": pa.string()}
_SURROUNDINGS = ("resource", "host", "region", "environment")
_ARRIVALS = {"trace_id": pa.string(), "first_ns": pa.int64(), "last_ns": pa.int64(), "spans": pa.int64()}


def arrow(store: Store, table: str) -> pa.Table:
    """An empty Arrow table with the columns of a stored one."""
    return store.connection.sql(f"SELECT * FROM {table}").to_arrow_table()


def test_each_query_has_a_name_and_each_name_a_query() -> None:
    """A file that nothing names is dead, a name without a file a mistake."""
    assert {file.stem for file in (FOLDER / "queries").glob("*")} == set(NAMED.values())


def test_each_name_is_used() -> None:
    """By some module that asks the store."""
    sources = "".join(file.read_text() for file in FOLDER.parent.rglob("*.py") if file.name != "statements.py")
    assert [name for name in NAMED if f"statements.{name}" not in sources and f'"{NAMED[name]}"' not in sources] == []


def test_each_table_has_a_file_and_each_file_a_table() -> None:
    """Views among them."""
    assert {file.stem for file in (FOLDER / "schema").glob("*")} == {*statements.TABLES, *statements.VIEWS}
    for table in statements.TABLES:
        assert f"CREATE TABLE {table} " in statements.table(table)


@pytest.mark.parametrize("name", sorted(NAMED.values()))
def test_each_query_is_prepared_against_the_real_schema(store: Store, name: str) -> None:
    """Each file is one statement."""
    sql = statements.query(name)
    assert len(re.sub(r"--.*", "", sql).strip().split(";")) == 2
    views = {
        "incoming_spans": columns.SPANS.empty_table(),
        "incoming_logs": columns.LOGS.empty_table(),
        "incoming_started": columns.SPANS.empty_table(),
        "incoming_killed": pa.schema(_KEYS).empty_table(),
        "incoming_rejected": columns.REJECTED.empty_table(),
        "incoming_keys": pa.schema(_KEYS).empty_table(),
        "incoming_log_keys": pa.schema(_KEYS).empty_table(),
        "incoming_arrivals": pa.schema(_ARRIVALS).empty_table(),
        "settling_traces": pa.schema(_ARRIVALS).empty_table(),
        "chosen_traces": pa.schema({"trace_id": pa.string(), "times": pa.float64()}).empty_table(),
        "surroundings": pa.schema(dict.fromkeys(_SURROUNDINGS, pa.string())).empty_table(),
        "incoming_executions": arrow(store, "executions"),
        "incoming_adoptions": arrow(store, "adoptions"),
        "incoming_failures": arrow(store, "failures"),
        "incoming_spending": arrow(store, "spending"),
        "incoming_prices": arrow(store, "prices"),
        "changed_prices": arrow(store, "prices"),
    }
    with incoming(store, views):
        body = re.sub(r"--.*", "", sql).strip()
        store.connection.execute(f"PREPARE statement AS {body}")


@pytest.mark.parametrize(
    ("table", "schema"), [("spans", columns.SPANS), ("logs", columns.LOGS), ("rejected", columns.REJECTED)]
)
def test_rows_have_the_columns_of_their_table(store: Store, table: str, schema: pa.Schema) -> None:
    """In the same order and of the same types."""
    assert arrow(store, table).schema.names == schema.names
    assert [field.type for field in arrow(store, table).schema] == [field.type for field in schema]
