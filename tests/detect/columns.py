"""Units written down as columns, for tests of what is computed from them."""

from collections.abc import Mapping, Sequence

import numpy as np

from tachograph.records.history import MISSING, Units, Words

_WORDS = (
    "trace_id", "span_id", "parent_id", "name", "agent_name", "recipe_name", "step_name", "complexity", "task_class",
    "model", "server", "host", "region", "environment",
)  # fmt: skip
_NUMBERS = {
    "success": 1.0, "weight": 1.0, "input_tokens": np.nan, "cache_read_tokens": 0.0, "cache_write_tokens": 0.0,
    "output_tokens": 0.0, "model_calls": 0.0,
}  # fmt: skip


def units(numbers: Mapping[str, Sequence[float]], words: Mapping[str, Sequence[str]] | None = None) -> Units:
    """Units with these columns; `duration` is needed, the rest is as little as there can be. Where nothing else is said
    each is a trace of its own, an hour after the one before it."""
    count = len(numbers["duration"])
    made = {name: np.full(count, value) for name, value in _NUMBERS.items()}
    made["start"] = 3_600.0 * np.arange(count)
    made |= {name: np.asarray(values, dtype=np.float64) for name, values in numbers.items()}
    made["end"] = made["start"] + made["duration"]
    named = {name: column(values) for name, values in (words or {}).items()}
    alone = {each: column([f"{each}-{row}" for row in range(count)]) for each in ("trace_id", "span_id")}
    empty = Words(np.full(count, MISSING), ())
    return Units(made, {**dict.fromkeys(_WORDS, empty), **alone, **named})


def column(values: Sequence[str]) -> Words:
    """Words with a code for each distinct one."""
    names = tuple(dict.fromkeys(values))
    return Words(np.array([names.index(value) for value in values], dtype=np.int64), names)
