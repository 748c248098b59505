"""The columns of the tables that ingest fills, in order, with the Arrow type of each."""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

_TEXT, _WHOLE, _REAL, _SMALL = pa.string(), pa.int64(), pa.float64(), pa.int8()

SPANS: Final = pa.schema(
    [
        ("trace_id", _TEXT),
        ("span_id", _TEXT),
        ("parent_id", _TEXT),
        ("name", _TEXT),
        ("kind", _SMALL),
        ("start_ns", _WHOLE),
        ("end_ns", _WHOLE),
        ("status_code", _SMALL),
        ("status_message", _TEXT),
        ("service_name", _TEXT),
        ("scope_name", _TEXT),
        ("role", _TEXT),
        ("component", _TEXT),
        ("outcome", _TEXT),
        ("user_id", _TEXT),
        ("session_id", _TEXT),
        ("agent_name", _TEXT),
        ("recipe_name", _TEXT),
        ("step_name", _TEXT),
        ("command_name", _TEXT),
        ("tool_name", _TEXT),
        ("complexity", _TEXT),
        ("task_class", _TEXT),
        ("execution_id", _TEXT),
        ("executor", _TEXT),
        ("model", _TEXT),
        ("version", _TEXT),
        ("context_size", _WHOLE),
        ("step_index", _WHOLE),
        ("steps_total", _WHOLE),
        ("steps_completed", _WHOLE),
        ("manual_duration_s", _REAL),
        ("depends_on", _TEXT),
        ("command_options", _TEXT),
        ("exit_code", _WHOLE),
        ("input_tokens", _WHOLE),
        ("cache_read_tokens", _WHOLE),
        ("cache_write_tokens", _WHOLE),
        ("output_tokens", _WHOLE),
        ("cost_usd", _REAL),
        ("provider", _TEXT),
        ("response_model", _TEXT),
        ("service_tier", _TEXT),
        ("error_type", _TEXT),
        ("error_message", _TEXT),
        ("call_hash", _TEXT),
        ("http_status", _WHOLE),
        ("server", _TEXT),
        ("release", _TEXT),
        ("prompt_version", _TEXT),
        ("cpu_pressure", _REAL),
        ("memory_pressure", _REAL),
        ("cpu_steal", _REAL),
        ("cpu_time_s", _REAL),
        ("cpu_count", _REAL),
        ("reads", _TEXT),
        ("writes", _TEXT),
        ("weight", _REAL),
        ("response_id", _TEXT),
        ("told_by", _TEXT),
        ("attributes", _TEXT),
        ("resource", _TEXT),
        ("events", _TEXT),
        ("links", _TEXT),
    ]
)

LOGS: Final = pa.schema(
    [
        ("digest", _TEXT),
        ("time_ns", _WHOLE),
        ("trace_id", _TEXT),
        ("span_id", _TEXT),
        ("event_name", _TEXT),
        ("severity", _SMALL),
        ("body", _TEXT),
        ("attributes", _TEXT),
        ("service_name", _TEXT),
        ("scope_name", _TEXT),
        ("resource", _TEXT),
    ]
)

REJECTED: Final = pa.schema(
    [("file", _TEXT), ("line", _WHOLE), ("byte_offset", _WHOLE), ("reason", _TEXT), ("content", pa.binary())]
)


def to_table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Rows whose values stand in the schema's order, as an Arrow table; NULL for what is no text in a text column."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    return pa.Table.from_arrays(
        [_to_array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _to_array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # Rare, so that looking at each value first would be wasted on all the others.
        if kind != _TEXT:
            raise
        return pa.array([value if type(value) is str else None for value in values], kind)
