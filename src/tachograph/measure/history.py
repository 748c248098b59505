"""The executions of a window as columns, from the store."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tachograph.measure.replay import Runs
from tachograph.measure.replay.loading import load_runs, recipes
from tachograph.records import Window
from tachograph.records.history import MISSING, History, Reals, Units, Words
from tachograph.semantics import roles
from tachograph.store import Store
from tachograph.store.history import read_history

# Beyond so many intervals hardly get narrower, and memory stays what it is.
TRACES: Final = {"most": 8_000, "least": 200}  # of all; of each recipe, or whatever else begins a trace

REPLAYED_MAX: Final = 1_000  # executions of a recipe that are replayed

_WORDS: Final = (
    "trace_id", "span_id", "execution_id", "parent_id", "name", "agent_name", "recipe_name", "step_name", "complexity",
    "task_class", "service_name", "version", "outcome", "error_type", "recipe_span_id", "model", "server", "release",
    "prompt_version", "message", "host", "region", "environment", "user_id",
)  # fmt: skip
_SECONDS: Final = {
    "start_ns": "start",
    "end_ns": "end",
    "duration_ns": "duration",
    "context_ns": "context",
    "model_ns": "model_time",
    "tool_ns": "tool_time",
    "blocked_ns": "blocked",
    "repeated_ns": "repeated",
    "reread_ns": "reread",
}
_NUMBERS: Final = (
    "success", "context_size", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens",
    "model_calls", "tool_calls", "blocked_calls", "repeated_calls", "reread_calls", "resent_tokens", "cpu_pressure",
    "memory_pressure", "cpu_steal", "http_status", "partial", "step_index", "weight", "again", "answered",
    "traces_alike",
)  # fmt: skip


def history(store: Store, window: Window) -> History:
    """The units of a window that ended, skipped ones and those of people left out; of many traces a sample."""
    rows, calls = read_history(store, window.since_ns, window.until_ns, **TRACES)
    by_role = {role: _units(rows.filter(pc.equal(rows["role"], role))) for role in sorted(roles.UNITS)}
    top = rows.filter(pc.and_(pc.is_null(rows["parent_id"]), pc.not_equal(rows["role"], roles.STEP)))
    return History(
        by_role[roles.AGENT],
        by_role[roles.RECIPE],
        by_role[roles.STEP],
        by_role[roles.COMMAND],
        _units(calls.filter(pc.equal(calls["role"], roles.TOOL))),
        _units(calls.filter(pc.equal(calls["role"], roles.MODEL))),
        float(pc.sum(top["weight"]).as_py() or 0),
    )


def gathered(store: Store, window: Window) -> tuple[History, list[Runs]]:
    """Everything that bottlenecks are looked for in: the history, and the executions of each recipe for replay."""

    def read() -> tuple[History, list[Runs]]:
        # In this order: what the first needs for a moment is free for the second.
        return history(store, window), [load_runs(store, name, window, REPLAYED_MAX) for name in recipes(store, window)]

    return store.frugally(read)


def _units(rows: pa.Table) -> Units:
    """Whatever of our columns the rows have."""
    has = set(rows.column_names)
    seconds = {ours: _real(rows[name]) / 1e9 for name, ours in _SECONDS.items() if name in has}
    numbers = {name: _real(rows[name]) for name in _NUMBERS if name in has}
    words: Mapping[str, Words] = {name: _words(rows[name]) for name in _WORDS if name in has}
    return Units({**seconds, **numbers}, words)


def _real(column: Any) -> Reals:
    values = column.combine_chunks().cast(pa.float64(), safe=False)
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _words(column: Any) -> Words:
    encoded = column.combine_chunks().dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False), dtype=np.int64)
    return Words(codes, tuple(encoded.dictionary.to_pylist()))
