"""The executions of a block of traces, computed from their spans: an Arrow table in, three Arrow tables out."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tachograph import vocabulary as v
from tachograph.semantics import roles
from tachograph.semantics.coding_agents import ATTEMPTS
from tachograph.semantics.outcome import SKIP, SUCCESS, succeeded
from tachograph.store.settling import calls, doubles, failures, lineage, waits
from tachograph.store.settling.costs import Costs, Reals, costs
from tachograph.store.settling.lineage import Indices, Mask, Number

# Roles that make the calls below them wasteful when they fail.
_FAILING: Final = (roles.AGENT, roles.RECIPE, roles.STEP, roles.TOOL)

_TOKENS: Final = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
_INHERITED: Final = (
    "agent_name",
    "recipe_name",
    "step_name",
    "complexity",
    "task_class",
    "user_id",
    "session_id",
    "service_name",
    "version",
    "executor",
    "release",
    "prompt_version",
)
_OWN: Final = (
    "error_type",
    "error_message",
    "manual_duration_s",
    "step_index",
    "depends_on",
    "command_options",
    "exit_code",
    "cpu_pressure",
    "memory_pressure",
    "cpu_steal",
    "cpu_time_s",
    "cpu_count",
    "reads",
    "writes",
)
_HUMAN: Final = "human"
_REFUSED: Final = 429
_SERVER_FAULT: Final = 500
_MEASURES: Final = ("calls", "unpriced_calls", "cost_usd", "wasted_cost_usd", "stated_usd", "computed_usd")
_FAILURE: Final = ("trace_id", "span_id", "start_ns", "role", "component")
# Three years; longer ones could overflow a sum over a trace.
_DURATION_MAX: Final = 10**17


@dataclass(frozen=True, slots=True)
class Settled:
    """The rows of the tables `executions`, `adoptions`, `failures` and `spending`, by column name."""

    executions: pa.Table
    adoptions: pa.Table
    failures: pa.Table
    spending: pa.Table


def settle(spans: pa.Table) -> Settled:
    """What becomes of whole traces, from the columns of their spans that queries/lineage_spans.sql selects."""
    forest = _Forest(spans)
    money = _money(forest)
    return Settled(_executions(forest, money), _adoptions(forest), _failures(forest), _spending(forest, money))


class _Forest:
    """The spans of a block as arrays, with where each hangs once cycles are cut and orphans adopted."""

    def __init__(self, spans: pa.Table) -> None:
        self.spans = spans
        self.start, self.end = self.whole("start_ns"), self.whole("end_ns")
        self.duration = np.minimum(self.end - self.start, _DURATION_MAX)
        self.is_unit = self.has_role(*roles.UNITS)
        self.is_agent = self.has_role(roles.AGENT)
        self.succeeded = self.where("outcome", {name for name in v.OUTCOMES if succeeded(name)})
        self.adopted = np.zeros(len(self.start), dtype=np.bool_)
        self.parents = self._hang()
        attempted = self.parents[self._failed_attempts()]
        self.succeeded[attempted[attempted >= 0]] = False
        self.twin = self._twin()
        self.doubled = self.twin >= 0
        self.units = np.flatnonzero(self.is_unit)
        self._rank = np.cumsum(self.is_unit) - 1
        above = lineage.nearest(self.parents, self.is_unit)
        self.home = np.where(self.is_unit, np.arange(len(above)), above)
        self.unit_parents = self._ranked(above[self.units])
        self.agent = lineage.nearest_or_self(self.parents, self.is_agent)
        self.execution = lineage.nearest_or_self(self.parents, self.has_role(*roles.EXECUTIONS))

    def whole(self, column: str) -> Indices:
        """A column of whole numbers, 0 where it is NULL."""
        return _numpy(pc.fill_null(self.spans[column], 0)).astype(np.int64)

    def real(self, column: str) -> Reals:
        """A column of real numbers, NaN where it is NULL."""
        return np.array(_numpy(pc.fill_null(self.spans[column], np.nan)), dtype=np.float64)

    def known(self, column: str) -> Mask:
        """Where a column is not NULL."""
        return _numpy(pc.is_valid(self.spans[column])).astype(np.bool_)

    def where(self, column: str, values: set[str]) -> Mask:
        """Where a column holds one of `values`."""
        return _numpy(pc.is_in(self.spans[column], pa.array(sorted(values), pa.string()))).astype(np.bool_)

    def has_role(self, *names: str) -> Mask:
        """Where the role is one of `names`."""
        return self.where("role", set(names))

    def of_units(self, column: str) -> pa.ChunkedArray:
        """A column of the units only."""
        return self.spans[column].take(pa.array(self.units))

    def beneath(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """For each unit the sum over itself and everything beneath it."""
        return lineage.sums(self.unit_parents, self._gathered(self.home, values))

    def around(self, values: pa.ChunkedArray, spans: Indices) -> pa.ChunkedArray:
        """What holds for the units at or around some spans; NULL for a span that lies in none."""
        home = self.home[spans]
        return values.take(_nullable(self._ranked(home), home >= 0))

    def own(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """For each agent execution the sum over what has no agent execution between; 0 for other units."""
        return self._gathered(self.agent, values)

    def largest_beneath(self, values: Indices) -> Indices:
        """For each unit the largest value at or beneath it; values are not negative."""
        top = np.zeros(len(self.units), dtype=np.int64)
        inside = self.home >= 0
        np.maximum.at(top, self._rank[self.home[inside]], values[inside])
        return lineage.maxima(self.unit_parents, top)

    def ranked_home(self) -> Indices:
        """For each span the place among the units of the one at or around it, -1 where there is none."""
        return self._ranked(self.home)

    def _gathered(self, home: Indices, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        sums = np.zeros(len(self.units), dtype=values.dtype)
        inside = (home >= 0) & (values != 0)
        np.add.at(sums, self._rank[home[inside]], values[inside])
        return sums

    def _ranked(self, spans: Indices) -> Indices:
        return np.where(spans >= 0, self._rank[spans], lineage.NONE)

    def _failed_attempts(self) -> Indices:
        """Spans that say that the tool call around them failed, of which its own span says nothing."""
        return np.flatnonzero(self.where("component", set(ATTEMPTS)) & ~self.succeeded)

    def _twin(self) -> Indices:
        """For each call that another instrumentation has told of already, where; -1 for the others."""
        call = self.has_role(roles.MODEL) & calls.leaves(self.parents, self.has_role(roles.MODEL))
        tokens = np.stack([self.whole(name) for name in _TOKENS])
        return doubles.doubled(
            doubles.Calls(
                chosen=np.flatnonzero(call | self.has_role(roles.TOOL)),
                trace=codes(self.spans["trace_id"]),
                start=self.start,
                end=self.end,
                teller=codes(self.spans["scope_name"]),
                is_hearsay=self.known("told_by"),
                name=codes(self.spans["response_id"]),
                what=codes(self.spans["model"]),
                tokens=np.where(self.known(_TOKENS[0]) & call, tokens, 0),
            )
        )

    def _hang(self) -> Indices:
        trace = codes(self.spans["trace_id"])
        ids = codes(pa.chunked_array([*self.spans["span_id"].chunks, *self.spans["parent_id"].chunks], pa.string()))
        span, named = ids[: len(trace)], ids[len(trace) :]
        parents = lineage.parent_indices(trace, span, named)
        orphan = (parents < 0) & (named >= 0)
        parents, _ = lineage.without_cycles(parents)
        return self._adopt(trace, parents, np.flatnonzero(orphan), named < 0)

    def _adopt(self, trace: Indices, parents: Indices, orphans: Indices, is_real_root: Mask) -> Indices:
        if not orphans.size:
            return parents
        candidates = np.flatnonzero(self.is_unit & is_real_root[lineage.roots(parents)])
        found = lineage.adopters(trace, self.start, self.end, lineage.depths(parents), orphans, candidates)
        self.adopted[orphans] = found >= 0
        parents[orphans] = found
        return parents


def codes(column: pa.ChunkedArray) -> Indices:
    """A whole number from 0 for each distinct value, -1 for NULL."""
    encoded = column.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    return _numpy(encoded.indices.fill_null(-1)).astype(np.int64)


def _numpy(values: Any) -> npt.NDArray[Any]:
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(values.to_numpy(zero_copy_only=False))


def _executions(forest: _Forest, money: Costs) -> pa.Table:
    columns = {
        **_identity(forest),
        **{name: _inherited(forest, name) for name in _INHERITED},
        **{name: forest.of_units(name) for name in _OWN},
        **_usage(forest),
        **_costs(forest, money),
        **_components(forest),
        **_steps(forest),
        **_waits(forest),
        **_told_twice(forest),
        "recipe_span_id": _recipe(forest),
        "model": _first(forest, "model", _model_calls(forest)),
        "server": _first(forest, "server", forest.has_role(roles.MODEL, roles.TOOL)),
        "weight": forest.of_units("weight"),
        "partial": forest.beneath(forest.adopted.astype(np.int64)) > forest.adopted[forest.units],
    }
    return pa.table(columns)


def _adoptions(forest: _Forest) -> pa.Table:
    adopted = np.flatnonzero(forest.adopted)
    rows = forest.spans.select(["trace_id", "span_id", "start_ns"]).take(pa.array(adopted))
    return rows.append_column("adopter_id", forest.spans["span_id"].take(pa.array(forest.parents[adopted])))


def _failures(forest: _Forest) -> pa.Table:
    says = forest.known("error_message") | forest.known("error_type")
    began = np.flatnonzero(failures.beginnings(forest.parents, ~forest.succeeded, says))
    execution = forest.execution[began]
    attempt = forest.where("component", set(ATTEMPTS))[began] & (forest.parents[began] >= 0)
    of = np.where(attempt, forest.parents[began], began)  # what it is told under
    inside = execution >= 0
    named = forest.spans.select(["execution_id", "span_id"]).take(pa.array(np.where(inside, execution, began)))
    return pa.table(
        {
            **{name: forest.spans[name].take(pa.array(of)) for name in _FAILURE},
            "execution_id": pc.coalesce(named["execution_id"], named["span_id"]),
            "message": failures.messages(forest.spans.select(failures.SAYING).take(pa.array(began)).to_pylist()),
            "recovered": inside & forest.succeeded[execution],
            **{name: forest.around(_inherited(forest, name), began) for name in ("recipe_name", "executor")},
        }
    )


def _identity(forest: _Forest) -> dict[str, Any]:
    units, span_id = forest.units, forest.of_units("span_id")
    return {
        "trace_id": forest.of_units("trace_id"),
        "span_id": span_id,
        "execution_id": pc.coalesce(forest.of_units("execution_id"), span_id),
        "parent_id": span_id.take(_nullable(forest.unit_parents, forest.unit_parents >= 0)),
        "role": forest.of_units("role"),
        "name": forest.of_units("component"),
        "outcome": forest.of_units("outcome"),
        "success": forest.where("outcome", {SUCCESS})[units],
        "start_ns": forest.start[units],
        "end_ns": forest.end[units],
        "duration_ns": forest.end[units] - forest.start[units],
    }


def _inherited(forest: _Forest, column: str) -> pa.ChunkedArray:
    """A column of the units, where it is NULL taken from the nearest enclosing unit that has it."""
    values = forest.of_units(column)
    known = _numpy(pc.is_valid(values)).astype(np.bool_)
    source = lineage.nearest_or_self(forest.unit_parents, known)
    return values.take(_nullable(source, source >= 0))


def _usage(forest: _Forest) -> dict[str, Any]:
    counted = calls.leaves(forest.parents, forest.known(_TOKENS[0])) & ~forest.doubled
    tokens = {name: np.where(counted, forest.whole(name), 0) for name in _TOKENS}
    total = sum(tokens.values(), start=np.zeros(len(counted), dtype=np.int64))
    tokens["wasted_tokens"] = np.where(_wasted(forest, counted), total, 0)
    return {
        "usage_known": forest.beneath(counted.astype(np.int64)) > 0,
        **{name: forest.beneath(values) for name, values in tokens.items()},
        **{f"own_{name}": forest.own(values) for name, values in tokens.items()},
    }


def _wasted(forest: _Forest, counted: Mask) -> Mask:
    spans = calls.Spans(
        parents=forest.parents,
        start=forest.start,
        over=waits.over(forest.start, forest.end),
        role=codes(forest.spans["role"]),
        succeeded=forest.succeeded,
        can_fail=forest.has_role(*_FAILING),
        counted=counted,
        call=codes(forest.spans["call_hash"]),
        scope=np.where(forest.execution >= 0, forest.execution, lineage.roots(forest.parents)),
    )
    return calls.wasted(spans)


def _money(forest: _Forest) -> Costs:
    stated, computed = forest.real("cost_usd"), forest.real("computed_usd")
    # Of two who tell of a call the one that counts may not be the one that knows what it cost.
    heard = np.flatnonzero(forest.doubled & ~np.isnan(stated))
    silent = heard[np.isnan(stated[forest.twin[heard]])]
    stated[forest.twin[silent]] = stated[silent]
    stated[forest.doubled] = computed[forest.doubled] = np.nan
    metered = forest.known(_TOKENS[0]) & ~forest.doubled
    return costs(forest.parents, stated, computed, metered, _model_calls(forest) & forest.succeeded)


def _costs(forest: _Forest, money: Costs) -> dict[str, Any]:
    times = money.known.astype(np.int64)
    wasted = np.where(_wasted(forest, money.known), money.usd, 0.0)
    is_known = forest.beneath(times) > 0
    return {
        "cost_usd": _nullable(forest.beneath(money.usd), is_known),
        "own_cost_usd": _nullable(forest.own(money.usd), forest.own(times) > 0),
        "wasted_cost_usd": _nullable(forest.beneath(wasted), is_known),
        "unpriced_calls": forest.beneath(money.unpriced.astype(np.int64)),
    }


def _spending(forest: _Forest, money: Costs) -> pa.Table:
    """What calls cost by agent execution and model; without those of people."""
    where = np.flatnonzero(money.known | money.unpriced)
    person = pc.equal(forest.around(_inherited(forest, "executor"), where), _HUMAN)
    where = where[~_numpy(pc.fill_null(person, False)).astype(np.bool_)]
    agent, wasted = forest.agent[where], _wasted(forest, money.known)[where]
    in_agent, usd, known = agent >= 0, money.usd[where], money.known[where]
    of_agent, calls_own, inside = _nullable(agent, in_agent), pa.array(where), np.where(in_agent, agent, where)
    spans, compared = forest.spans, money.compared[where]
    rows = pa.table(
        {
            "trace_id": spans["trace_id"].take(calls_own),
            "span_id": spans["span_id"].take(of_agent),
            "agent_name": pc.coalesce(spans["component"].take(of_agent), spans["agent_name"].take(calls_own)),
            "model": spans["model"].take(calls_own),
            "skipped": forest.where("outcome", {SKIP})[inside],
            "start_ns": forest.start[inside],
            "calls": np.ones(len(where), dtype=np.int64),
            "unpriced_calls": money.unpriced[where].astype(np.int64),
            "cost_usd": _nullable(usd, known),
            "wasted_cost_usd": _nullable(np.where(wasted, usd, 0.0), known),
            "stated_usd": _nullable(usd, compared),
            "computed_usd": _nullable(forest.real("computed_usd")[where], compared),
        }
    )
    keys = ["trace_id", "span_id", "agent_name", "model", "skipped"]
    sums = rows.group_by(keys).aggregate([("start_ns", "min"), *((name, "sum") for name in _MEASURES)])
    return sums.rename_columns({"start_ns_min": "start_ns", **{f"{name}_sum": name for name in _MEASURES}})


def _components(forest: _Forest) -> dict[str, Any]:
    """What kinds of work hang beneath each unit."""
    is_dependency, is_context = forest.has_role(roles.DEPENDENCIES), forest.has_role(roles.CONTEXT)
    circular = is_dependency & forest.where("error_type", {v.CIRCULAR_DEPENDENCY})
    return {
        "model_calls": forest.beneath(_model_calls(forest).astype(np.int64)),
        "tool_calls": forest.beneath((forest.has_role(roles.TOOL) & ~forest.doubled).astype(np.int64)),
        "circular_errors": forest.beneath(circular.astype(np.int64)),
        "dependency_ns": _time_in(forest, is_dependency),
        "context_ns": _time_in(forest, is_context),
        "context_size": _context_size(forest, is_context),
    }


def _time_in(forest: _Forest, chosen: Mask) -> pa.Array:
    time = forest.beneath(np.where(chosen, forest.duration, 0))
    return _nullable(time, forest.beneath(chosen.astype(np.int64)) > 0)


def _context_size(forest: _Forest, is_context: Mask) -> pa.Array:
    """The unit's own; for an agent without one, the largest that was prepared beneath it."""
    has_size, size = forest.known("context_size"), forest.whole("context_size")
    prepared = is_context & has_size
    own = has_size[forest.units]
    below = forest.is_agent[forest.units] & (forest.beneath(prepared.astype(np.int64)) > 0)
    largest = forest.largest_beneath(np.where(prepared, size, 0))
    return _nullable(np.where(own, size[forest.units], largest), own | below)


def _waits(forest: _Forest) -> dict[str, Any]:
    """Where calls beneath each unit cost time or tokens, and how much of that more than once."""
    count, models, tools = len(forest.start), _model_calls(forest), forest.has_role(roles.TOOL) & ~forest.doubled
    person = _waited(forest)
    blocked, (repeated, reread) = _blocked(forest), _repeated(forest, models, tools)
    return {
        "model_ns": forest.beneath(np.where(models, forest.duration, 0)),
        "tool_ns": forest.beneath(np.where(calls.leaves(forest.parents, tools), forest.duration, 0) - person),
        "person_ns": forest.beneath(person),
        "blocked_ns": forest.beneath(blocked),
        "blocked_calls": forest.beneath((blocked > 0).astype(np.int64)),
        "repeated_ns": forest.beneath(repeated),
        "repeated_calls": forest.beneath((repeated > 0).astype(np.int64)),
        "reread_ns": forest.beneath(reread),
        "reread_calls": forest.beneath((reread > 0).astype(np.int64)),
        "resent_tokens": forest.beneath(_resent(forest, models, count)),
    }


def _model_calls(forest: _Forest) -> Mask:
    """A model span around other model spans is their wrapper and no call of its own."""
    return calls.leaves(forest.parents, forest.has_role(roles.MODEL)) & ~forest.doubled


def _waited(forest: _Forest) -> Indices:
    """Time that a tool call waited for a person; not more than the call takes, of which it is taken off."""
    tools = calls.leaves(forest.parents, forest.has_role(roles.TOOL) & ~forest.doubled)
    tool = lineage.nearest(forest.parents, tools)
    waited = forest.has_role(roles.WAIT) & (tool >= 0)
    return np.where(waited, np.minimum(forest.duration, forest.duration[tool]), 0)


def _told_twice(forest: _Forest) -> dict[str, Any]:
    """What the figures leave out or do not know, so that they can be reconciled with those of others."""
    known = forest.known(_TOKENS[0])
    total = sum((forest.whole(name) for name in _TOKENS), start=np.zeros(len(known), dtype=np.int64))
    unmetered = _model_calls(forest) & forest.succeeded & ~known
    return {
        "reported_tokens": _nullable(total[forest.units], known[forest.units]),
        "doubled_calls": forest.beneath(forest.doubled.astype(np.int64)),
        "doubled_tokens": forest.beneath(np.where(forest.doubled, total, 0)),
        "unmetered_calls": forest.beneath(unmetered.astype(np.int64)),
    }


def _blocked(forest: _Forest) -> Indices:
    refused = calls.leaves(forest.parents, _refused(forest))
    said = forest.known("http_status") | forest.has_role(roles.MODEL, roles.TOOL)
    attempts = waits.Calls.of(said, forest.parents, codes(forest.spans["component"]), forest.start, forest.end)
    return waits.blocked(attempts, refused, len(refused))


def _refused(forest: _Forest) -> Mask:
    status = forest.whole("http_status")
    return np.asarray((status == _REFUSED) | (status >= _SERVER_FAULT))


def _repeated(forest: _Forest, models: Mask, tools: Mask) -> tuple[Indices, Indices]:
    call, execution, home = codes(forest.spans["call_hash"]), forest.execution, forest.home
    what = _same_call(call, execution, codes(forest.spans["role"]))
    asked = waits.rounds(home, models, forest.start)

    def again(made: Mask, by: Indices | None) -> tuple[Indices, Indices]:
        """Without what was refused, which has been counted as blocked."""
        made_calls = waits.Calls.of(made & ~_refused(forest), home, what, forest.start, forest.end)
        return waits.repeated(made_calls, forest.succeeded, by, calls.leaves(forest.parents, made))

    loops, forgotten = again(tools, asked)
    # A model call of which is known what it asks, and that asked for no call made again, which holds its time.
    counted = np.isin(asked, asked[(loops + forgotten > 0) & (asked >= 0)])
    asked_again, asked_later = again(models & (call >= 0) & ~counted, None)
    return loops + asked_again, forgotten + asked_later


def _same_call(call: Indices, execution: Indices, role: Indices) -> Indices:
    """The same code for what is the same call of one execution."""
    known = (call >= 0) & (execution >= 0)
    _, same = np.unique(np.stack([call, execution, role])[:, known], axis=1, return_inverse=True)
    what = np.full(len(call), lineage.NONE, dtype=np.int64)
    what[known] = same.reshape(-1)
    return what


def _resent(forest: _Forest, models: Mask, count: int) -> Indices:
    spared = forest.whole("cache_read_tokens")
    total = forest.whole("input_tokens") + spared + forest.whole("cache_write_tokens")
    known = models & forest.known("input_tokens") & forest.succeeded
    one_model = waits.Calls.of(known, forest.execution, codes(forest.spans["model"]), forest.start, forest.end)
    return waits.resent(one_model, total, spared, count)


def _recipe(forest: _Forest) -> pa.ChunkedArray:
    """The span of the recipe execution in which each unit lies, its own where it is one."""
    found = lineage.nearest_or_self(forest.parents, forest.has_role(roles.RECIPE))[forest.units]
    return forest.spans["span_id"].take(_nullable(found, found >= 0))


def _first(forest: _Forest, column: str, of: Mask) -> pa.ChunkedArray:
    """What the first of some calls directly beneath each unit says in a column.

    Further up there may be many; and of several the longest would be chosen by what is to be explained.
    """
    says, spans = of & forest.known(column), np.arange(len(forest.start))
    found = waits.first(np.where(says, forest.ranked_home(), -1), spans, forest.start, len(forest.units))
    return forest.spans[column].take(_nullable(found, found >= 0))


def _steps(forest: _Forest) -> dict[str, Any]:
    is_step = forest.has_role(roles.STEP)[forest.units]
    completed = is_step & forest.where("outcome", {SUCCESS})[forest.units]
    total = _directly_below(forest, is_step)
    # Where neither the attribute nor any step says so, the number is not known.
    return {
        "steps_total": pc.coalesce(forest.of_units("steps_total"), _nullable(total, total > 0)),
        "steps_completed": pc.coalesce(
            forest.of_units("steps_completed"), _nullable(_directly_below(forest, completed), total > 0)
        ),
    }


def _directly_below(forest: _Forest, chosen: Mask) -> Indices:
    parents = forest.unit_parents[chosen]
    return np.bincount(parents[parents >= 0], minlength=len(forest.units)).astype(np.int64)


def _nullable(values: npt.NDArray[Any], known: Mask) -> pa.Array:
    return pa.array(values, mask=~known)
