"""What an execution comes to, from the spans beneath it."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from telemetry import FAILED, TRACE, agent, call, execution, hex_id, line, read, recipe, rows, settled, span, step, tool

from tachograph.semantics import roles
from tachograph.semantics.rollup import Finished, tokens
from tachograph.semantics.usage import Usage
from tachograph.store import Store, ingest, open_store


def test_tokens_are_summed_up_to_every_enclosing_unit(store: Store, file: Path) -> None:
    """Inclusive for all units; own ones for the nearest agent only; cached input is counted once."""
    cached = {"gen_ai.usage.cache_read.input_tokens": 30, "gen_ai.usage.cache_creation.input_tokens": 20}
    settled(
        store,
        file,
        [
            recipe(1), step(2, parent=1), agent(3, parent=2), agent(4, "helper", parent=3),
            call(5, (100, 10), parent=3, facts=cached), call(6, (7, 3), parent=4), tool(7, parent=4),
        ],
    )  # fmt: skip
    parts = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    for number in (1, 2, 3):
        assert [execution(store, number)[part] for part in parts] == [57, 30, 20, 13]
    assert [execution(store, 3)[f"own_{part}"] for part in parts] == [50, 30, 20, 10]
    assert [execution(store, 4)[f"own_{part}"] for part in parts] == [7, 0, 0, 3]
    assert [execution(store, 1)[f"own_{part}"] for part in parts] == [0, 0, 0, 0]
    assert [(execution(store, n)["model_calls"], execution(store, n)["tool_calls"]) for n in (1, 3, 4)] == [
        (2, 1), (2, 1), (1, 1),
    ]  # fmt: skip
    assert [execution(store, n)["parent_id"] for n in (1, 2, 3, 4)] == [None, hex_id(1), hex_id(2), hex_id(3)]


def test_totals_repeated_further_up_are_not_counted_again(store: Store, file: Path) -> None:
    """Neither on an agent nor on a wrapper of the call; the wrapper is no second call either."""
    totals = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10}
    settled(store, file, [agent(1, facts=totals), call(2, parent=1), span(3, parent=2), call(4, parent=3)])
    found = execution(store, 1)
    assert (found["input_tokens"], found["output_tokens"], found["model_calls"]) == (100, 10, 1)


def test_an_agent_that_alone_reports_usage_counts_itself(store: Store, file: Path) -> None:
    """It is its own nearest agent then."""
    settled(store, file, [agent(1, facts={"gen_ai.usage.input_tokens": 5}), call(2, None, parent=1)])
    found = execution(store, 1)
    assert (found["usage_known"], found["input_tokens"], found["own_input_tokens"]) == (True, 5, 5)


def test_unknown_usage_is_told_from_none(store: Store, file: Path) -> None:
    """Nobody said anything about tokens, so 0 means nothing."""
    settled(store, file, [agent(1), call(2, None, parent=1)])
    found = execution(store, 1)
    assert (found["usage_known"], found["input_tokens"], found["cost_usd"], found["own_cost_usd"]) == (
        False, 0, None, None,
    )  # fmt: skip


def test_usage_counts_wherever_it_is_reported(store: Store, file: Path) -> None:
    """Also on a command or on the preparation of context, and there once as well."""
    used = {"gen_ai.usage.input_tokens": 5}
    command = span(1, {"dev_agency.command.name": "build", **used})
    settled(store, file, [command, span(2, {"dev_agency.operation": "prepare_context", **used}, parent=1)])
    assert execution(store, 1)["input_tokens"] == 5


def test_calls_that_failed_or_lie_in_failed_work_are_wasted(store: Store, file: Path) -> None:
    """Whatever around them failed, a command excepted."""
    command = span(1, {"dev_agency.command.name": "build", "process.exit.code": 1})
    settled(
        store,
        file,
        [
            command, agent(2, parent=1), call(3, (1, 0), parent=2), call(4, (10, 0), parent=2, **FAILED),
            tool(5, parent=2, **FAILED), call(6, (100, 0), parent=5),
            step(7, parent=2, facts={"dev_agency.outcome": "skip"}),
            call(8, (1_000, 0), parent=7), agent(9, parent=2, facts={"dev_agency.outcome": "cancellation"}),
            call(10, (10_000, 0), parent=9),
        ],
    )  # fmt: skip
    assert [execution(store, n)["wasted_tokens"] for n in (1, 2, 7, 9)] == [10_110, 10_110, 0, 10_000]
    assert [execution(store, n)["own_wasted_tokens"] for n in (1, 2, 7, 9)] == [0, 110, 0, 10_000]


def test_calls_made_again_are_wasted(store: Store, file: Path) -> None:
    """After a successful one of the same hash and role in the same agent execution; a retry after a failure is not, nor
    is one that began before the other had ended."""
    same = {"dev_agency.call.hash": "h"}
    settled(
        store,
        file,
        [
            agent(1), agent(2, parent=1),
            call(3, (1, 0), parent=1, start=1, facts=same, **FAILED),
            call(4, (10, 0), parent=1, start=2, end=7, facts=same), call(9, (50, 0), parent=1, start=6, facts=same),
            call(5, (100, 0), parent=1, start=7, facts=same), call(6, (1_000, 0), parent=2, start=8, facts=same),
            tool(7, parent=1, start=5, facts={**same, "gen_ai.usage.input_tokens": 10_000}),
            call(8, (100_000, 0), parent=1, start=6),
        ],
    )  # fmt: skip
    assert (execution(store, 1)["own_wasted_tokens"], execution(store, 2)["own_wasted_tokens"]) == (101, 0)


def test_the_same_tool_call_has_the_same_hash(store: Store, file: Path) -> None:
    """By tool and arguments, under whichever name and in whichever form the arguments come."""
    settled(
        store,
        file,
        [
            tool(1, facts={"gen_ai.tool.call.arguments": {"a": 1, "b": 2}}),
            tool(2, facts={"gen_ai.tool.args": {"b": 2, "a": 1}}),
            tool(3, "other", facts={"gen_ai.tool.args": {"a": 1, "b": 2}}),
            tool(4, facts={"gen_ai.tool.args": "{}"}), tool(5),
            call(6, facts={"gen_ai.tool.args": "{}"}), call(7, facts={"dev_agency.call.hash": "mine"}),
        ],
    )  # fmt: skip
    one, two, three, four, five, six, seven = (
        h for (h,) in rows(store, "SELECT call_hash FROM spans ORDER BY span_id")
    )
    assert one == two
    assert len({one, three, four}) == 3
    assert (five, six, seven) == (None, None, "mine")


def test_costs_are_counted_once_like_tokens(store: Store, file: Path) -> None:
    """Leaf costs only, summed up where any is known."""
    settled(
        store,
        file,
        [
            agent(1, facts={"dev_agency.cost.usd": 9.0}), agent(2, parent=1), agent(5, parent=1),
            call(3, parent=1, facts={"dev_agency.cost.usd": 0.5}),
            call(4, parent=2, facts={"gen_ai.usage.input_cost": 0.25, "gen_ai.usage.output_cost": 1}),
        ],
    )  # fmt: skip
    assert [execution(store, n)["cost_usd"] for n in (1, 2, 5)] == [1.75, 1.25, None]
    assert [execution(store, n)["own_cost_usd"] for n in (1, 2, 5)] == [0.5, 1.25, None]


def test_other_dialects_come_to_the_same(store: Store, file: Path) -> None:
    """An agent of OpenInference in a workflow of OpenLLMetry; what was said is stored as it was said."""
    said = {
        1: {"traceloop.span.kind": "workflow", "traceloop.entity.name": "bug_fix"},
        2: {"traceloop.span.kind": "task", "traceloop.entity.name": "reproduce", "traceloop.workflow.name": "bug_fix"},
        3: {"openinference.span.kind": "AGENT", "agent.name": "coder"},
        4: {"openinference.span.kind": "LLM", "llm.token_count.prompt": 100, "llm.token_count.completion": 10},
        5: {"openinference.span.kind": "TOOL", "tool.name": "ls", "input.value": "{}"},
    }
    settled(store, file, [span(number, facts, parent=min(number - 1, 3) or None) for number, facts in said.items()])
    found = {number: execution(store, number) for number in (1, 2, 3)}
    assert [found[n]["role"] for n in found] == ["recipe", "step", "agent"]
    assert [found[n]["name"] for n in found] == ["bug_fix", "reproduce", "coder"]
    names = ("recipe_name", "step_name", "input_tokens", "output_tokens", "model_calls", "tool_calls")
    assert [found[3][name] for name in names] == ["bug_fix", "reproduce", 100, 10, 1, 1]
    assert rows(store, "SELECT attributes FROM spans WHERE component = 'coder'")[0][0].count(":") == len(said[3])


def test_own_values_win_over_inherited_ones(store: Store, file: Path) -> None:
    """The nearest enclosing unit that has a value gives it; spans between have none to give."""
    facts = {
        "dev_agency.task.complexity": "simple",
        "user.id": "u",
        "dev_agency.recipe.version": "2",
        "dev_agency.executor": "human",
    }
    settled(
        store,
        file,
        [
            recipe(1, facts=facts), step(2, parent=1, facts={"dev_agency.task.complexity": "complex"}),
            span(3, {"user.id": "nobody"}, parent=2), agent(4, parent=3, facts={"gen_ai.agent.version": "7"}),
        ],
    )  # fmt: skip
    found = execution(store, 4)
    names = ("agent_name", "recipe_name", "step_name", "complexity", "user_id", "version", "service_name", "executor")
    assert [found[name] for name in names] == ["coder", "bug_fix", "reproduce", "complex", "u", "7", "app", "human"]
    assert (found["name"], found["execution_id"], found["session_id"]) == ("coder", hex_id(4), None)
    assert execution(store, 1)["agent_name"] is None


def test_resource_attributes_stand_in_for_user_and_session(store: Store, file: Path) -> None:
    """Where the span itself names none."""
    resource = {"service.name": "s", "user.id": "ru", "session.id": "rs"}
    read(store, file, line(agent(1), agent(2, facts={"user.id": "own"}), resource=resource))
    assert [(execution(store, n)["user_id"], execution(store, n)["session_id"]) for n in (1, 2)] == [
        ("ru", "rs"), ("own", "rs"),
    ]  # fmt: skip


def test_context_and_dependencies(store: Store, file: Path) -> None:
    """Times are summed, the largest prepared context stands in for an agent's own size, circles are counted."""
    context = {"dev_agency.operation": "prepare_context"}
    resolve = {"dev_agency.operation": "resolve_dependencies"}
    settled(
        store,
        file,
        [
            recipe(1), agent(2, parent=1), agent(8, parent=1),
            agent(6, parent=1, facts={"dev_agency.context.size": 5}),
            span(3, {**context, "dev_agency.context.size": 70}, parent=2, end=10),
            span(4, {**context, "dev_agency.context.size": 90}, parent=2, end=20),
            span(5, {**resolve, "error.type": "circular_dependency"}, parent=1, end=7),
            span(9, resolve, parent=1, end=4),
            span(7, {**context, "dev_agency.context.size": 99}, parent=6, end=30),
        ],
    )  # fmt: skip
    assert [execution(store, n)["context_size"] for n in (1, 2, 6, 8)] == [None, 90, 5, None]
    assert [execution(store, n)["context_ns"] for n in (1, 2, 6, 8)] == [60, 30, 30, None]
    assert [execution(store, n)["dependency_ns"] for n in (1, 2)] == [11, None]
    assert [execution(store, n)["circular_errors"] for n in (1, 2)] == [1, 0]


def test_steps_are_counted_where_the_recipe_does_not_say(store: Store, file: Path) -> None:
    """Only those directly below it; a skipped step is not completed; without any the number is unknown."""
    settled(
        store,
        file,
        [
            recipe(1), step(2, "a", parent=1), span(9, parent=1), step(3, "b", parent=9, **FAILED),
            step(4, "c", parent=2),
            recipe(5, facts={"dev_agency.recipe.steps_total": 8, "dev_agency.recipe.steps_completed": 6}), recipe(6),
            step(7, "d", parent=1, facts={"dev_agency.outcome": "skip", "dev_agency.step.depends_on": ["a", "b"],
                                          "dev_agency.step.index": 3}),
            step(8, "e", parent=1, facts={"dev_agency.step.depends_on": []}),
        ],
    )  # fmt: skip
    counted = [(execution(store, n)["steps_total"], execution(store, n)["steps_completed"]) for n in (1, 5, 6)]
    assert counted == [(4, 2), (8, 6), (None, None)]
    assert [execution(store, n)["depends_on"] for n in (2, 7, 8)] == [None, '["a","b"]', "[]"]
    assert (execution(store, 7)["step_index"], execution(store, 7)["success"]) == (3, False)


def test_errors_come_from_attribute_status_or_exception(store: Store, file: Path) -> None:
    """The attribute and the status message first; of several exceptions the last one ended the span."""

    def exception(kind: str, message: str) -> dict[str, Any]:
        facts = {"exception.type": kind, "exception.message": message}
        wire = [{"key": key, "value": {"stringValue": text}} for key, text in facts.items()]
        return {"name": "exception", "timeUnixNano": "1", "attributes": wire}

    events = {"events": [exception("KeyError", "survived"), exception("ValueError", "fatal")]}
    settled(
        store,
        file,
        [
            agent(1, status={"code": 2}, **events),
            agent(2, facts={"error.type": "timeout"}, **FAILED, **events),
            agent(3),
        ],
    )
    assert [(execution(store, n)["error_type"], execution(store, n)["error_message"]) for n in (1, 2, 3)] == [
        ("ValueError", "fatal"), ("timeout", "it broke"), (None, None),
    ]  # fmt: skip
    assert [execution(store, n)["outcome"] for n in (1, 2, 3)] == ["failure", "failure", "success"]


def test_an_orphan_is_adopted_by_the_innermost_unit_around_it(store: Store, file: Path) -> None:
    """Whose own chain leads to a real root; everything around it is then known to be incomplete."""
    settled(
        store,
        file,
        [
            recipe(1, end=100), agent(2, parent=1, start=10, end=50), agent(3, parent=99, start=11, end=49),
            call(4, parent=98, start=20, end=30), call(5, parent=97, start=200, end=300), agent(6, start=150, end=160),
        ],
    )  # fmt: skip
    assert [execution(store, n)["input_tokens"] for n in (1, 2, 3)] == [100, 100, 0]
    assert [execution(store, n)["partial"] for n in (1, 2, 3, 6)] == [True, True, False, False]
    assert execution(store, 3)["parent_id"] == hex_id(2)
    assert rows(store, "SELECT span_id, adopter_id FROM adoptions ORDER BY span_id") == [
        (hex_id(3), hex_id(2)), (hex_id(4), hex_id(2)),
    ]  # fmt: skip


def test_a_cycle_of_parents_is_nobodys_ancestor(store: Store, file: Path) -> None:
    """Its members and what hangs below them stay in spans and count for themselves only."""
    settled(
        store,
        file,
        [
            agent(1, parent=2),
            agent(2, parent=1),
            call(3, parent=2),
            agent(4, parent=4),
            agent(5, parent=1),
            call(6, parent=5),
        ],
    )
    assert [execution(store, n)["input_tokens"] for n in (1, 2, 4, 5)] == [0, 0, 0, 100]
    assert {execution(store, n)["parent_id"] for n in (1, 2, 4, 5)} == {None}
    assert rows(store, "SELECT count(*) FROM spans") == [(6,)]


def test_later_spans_of_a_trace_change_its_executions(store: Store, tmp_path: Path) -> None:
    """A parent that comes late ends an adoption; nothing is counted twice; other traces stay as they are."""
    read(
        store,
        tmp_path / "1.jsonl",
        line(agent(1, end=90), call(2, parent=3, start=10, end=20), agent(1, trace="ab" * 16)),
    )
    assert execution_of_trace(store)["partial"]
    read(
        store,
        tmp_path / "2.jsonl",
        line(agent(3, "late", parent=1, start=5, end=30), call(4, parent=3, start=21, end=22)),
    )
    found = execution_of_trace(store)
    assert (found["partial"], found["input_tokens"], found["own_input_tokens"]) == (False, 200, 0)
    assert execution(store, 3)["own_input_tokens"] == 200
    assert rows(store, "SELECT count(*) FROM executions") == [(3,)]
    assert rows(store, "SELECT count(*) FROM adoptions") == [(0,)]
    assert rows(store, "SELECT count(*) FROM unsettled") == [(0,)]


def execution_of_trace(store: Store) -> dict[str, Any]:
    cursor = store.connection.execute(
        f"SELECT * FROM executions WHERE trace_id = '{TRACE}' AND span_id = '{hex_id(1)}'"
    )
    return dict(zip([column[0] for column in cursor.description or ()], cursor.fetchall()[0], strict=True))


def test_a_chain_of_fifty_thousand_spans(store: Store, file: Path) -> None:
    """Deep traces settle like any other."""
    count = 50_000
    chain = [span(n, parent=n - 1) for n in range(2, count)]
    result = read(
        store, file, line(agent(1), *chain[: count // 2]), line(*chain[count // 2 :], call(count, parent=count - 1))
    )
    assert result.spans == count
    assert execution(store, 1)["input_tokens"] == 100


def test_blocks_of_traces_give_what_one_block_gives(store: Store, file: Path, monkeypatch: Any) -> None:
    """However few spans are settled at a time."""
    monkeypatch.setattr("tachograph.store.settle._SPANS", 3)
    monkeypatch.setattr("tachograph.store.settle._TRACES", 4)
    traces = [f"{number + 1:032x}" for number in range(11)]
    read(
        store,
        file,
        line(
            *(
                made | {"traceId": trace}
                for trace in traces
                for made in (agent(1), call(2, parent=1), call(3, parent=1))
            )
        ),
    )
    assert rows(store, "SELECT input_tokens FROM executions") == [(200,)] * 11


kinds = st.sampled_from([roles.AGENT, roles.RECIPE, roles.TOOL, roles.MODEL, roles.OTHER])
drawn_spans = st.lists(
    st.tuples(
        st.integers(0, 40), kinds, st.none() | st.integers(0, 50), st.booleans(), st.sampled_from([None, "h", "g"])
    ),
    max_size=14,
)
MAKERS = {roles.AGENT: agent, roles.RECIPE: recipe, roles.TOOL: tool, roles.MODEL: call, roles.OTHER: span}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn_spans)
@example([(0, "tool", None, True, None), (1, "tool", 0, False, "g"), (0, "tool", 1, False, "g")])
def test_the_store_agrees_with_the_sums_inside_a_traced_process(tmp_path: Path, drawn: list[Any]) -> None:
    """Tokens and wasted tokens of a whole trace, computed by `semantics.rollup` on one tree."""
    spans, root = [agent(1)], Finished(1, None, 0, 1, roles.AGENT, "", "success")
    nodes = [root]
    for number, (above, role, used, fails, same) in enumerate(drawn, 2):
        parent = nodes[above % len(nodes)]
        facts = {"gen_ai.usage.input_tokens": used} if used is not None else {}
        facts |= {"dev_agency.call.hash": same} if same else {}
        more = {"facts": facts, "parent": parent.id, "start": number, **(FAILED if fails else {})}
        if role == roles.OTHER:
            spans.append(span(number, more.pop("facts"), **more))
        else:
            spans.append(MAKERS[role](number, *([None] if role == roles.MODEL else []), **more))
        usage = Usage(used) if used is not None else None
        node = Finished(number, parent.id, number, 99, role, "", "failure" if fails else "success", usage, same)
        parent.children.append(node)
        nodes.append(node)
    expected = tokens(root)
    with open_store(tmp_path / "parity.db") as store:
        for table in ("spans", "executions", "arrivals", "ledger", "adoptions"):
            store.connection.execute(f"DELETE FROM {table}")
        settled(store, tmp_path / "parity.jsonl", spans)
        found = execution(store, 1)
    assert found["usage_known"] == (expected is not None)
    if expected:
        assert (found["input_tokens"], found["wasted_tokens"]) == (expected.total, expected.wasted)


def test_ingest_of_nothing_settles_nothing(store: Store) -> None:
    """And reports zeros."""
    assert ingest(store, []).spans == 0
