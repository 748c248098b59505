"""What spans inherit from above, and what agents and recipes are marked with when they finish."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

import tachograph
from tachograph.annotate import processor

tracer = trace.get_tracer("somebody else's instrumentation")


def by_name(spans: list[ReadableSpan]) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans}


def test_spans_of_others_inherit_where_they_lack(delivered: list[ReadableSpan]) -> None:
    """Agent, recipe, step, complexity, user and session come down; what a span has itself it keeps."""
    with (
        tachograph.recipe("fix") as run,
        run.step("implement"),
        tachograph.agent("coder", complexity="complex"),
        tracer.start_as_current_span("GET /"),
        tracer.start_as_current_span("deeper", attributes={"gen_ai.agent.name": "own"}),
    ):
        pass
    spans = by_name(delivered)
    inherited = {
        "gen_ai.agent.name": "coder",
        "gen_ai.workflow.name": "fix",
        "dev_agency.step.name": "implement",
        "dev_agency.task.complexity": "complex",
        "user.id": "u1",
        "session.id": "s1",
    }
    assert dict(spans["GET /"].attributes) == inherited
    assert dict(spans["deeper"].attributes) == {**inherited, "gen_ai.agent.name": "own"}


def test_siblings_and_followers_inherit_nothing(delivered: list[ReadableSpan]) -> None:
    """What comes after an agent is not its work."""
    with tachograph.agent("coder"):
        pass
    with tracer.start_as_current_span("after"):
        pass
    assert "gen_ai.agent.name" not in by_name(delivered)["after"].attributes


def test_an_attribute_set_after_the_start_is_inherited_by_what_starts_later(delivered: list[ReadableSpan]) -> None:
    """Many instrumentations name the agent only once it runs."""
    with tracer.start_as_current_span("agent") as agent:
        agent.set_attribute("gen_ai.agent.name", "late")
        with tracer.start_as_current_span("call"):
            pass
    assert by_name(delivered)["call"].attributes["gen_ai.agent.name"] == "late"


def call(name: str, used: int, *, failed: bool = False) -> None:
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": used}
    with tracer.start_as_current_span(name, attributes=attributes) as span:
        if failed:
            span.set_status(StatusCode.ERROR)


def test_a_finished_agent_is_marked_with_its_tokens(delivered: list[ReadableSpan]) -> None:
    """Total, wasted and efficiency of the calls below it, whoever made them."""
    with tachograph.agent("coder"):
        call("first", 30, failed=True)
        call("second", 70)
    marks = by_name(delivered)["invoke_agent coder"].attributes
    assert marks["dev_agency.tokens.total"] == 100
    assert marks["dev_agency.tokens.wasted"] == 30
    assert marks["dev_agency.token_efficiency"] == pytest.approx(0.7)
    assert marks["dev_agency.critical_path.component"] in ("m", "coder")
    assert 0.5 <= marks["dev_agency.critical_path.share"] <= 1


def test_an_agent_span_that_others_made_is_marked_too(delivered: list[ReadableSpan]) -> None:
    """It has ended when we see it, so what is delivered is a copy with the marks."""
    attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "theirs"}
    with tracer.start_as_current_span("invoke_agent theirs", attributes=attributes):
        call("chat", 11)
    assert by_name(delivered)["invoke_agent theirs"].attributes["dev_agency.tokens.total"] == 11


def test_nested_executions_sum_up_what_is_below_each(delivered: list[ReadableSpan]) -> None:
    """The recipe sees the tokens of both agents, each agent its own."""
    with tachograph.recipe("fix"):
        for name, used in (("a", 1), ("b", 2)):
            with tachograph.agent(name):
                call("chat", used)
    totals = {span.name: span.attributes.get("dev_agency.tokens.total") for span in delivered}
    assert totals == {"chat": None, "invoke_agent a": 1, "invoke_agent b": 2, "invoke_workflow fix": 3}


def test_a_span_says_whether_its_tokens_are_those_below_it(delivered: list[ReadableSpan]) -> None:
    """For whoever sees one span at a time: false where a call below reports them again, true where an agent's own are
    the only ones; a model call with nothing below needs no mark. Cost is told apart from tokens."""
    used = {"gen_ai.usage.input_tokens": 5, "dev_agency.cost.usd": 0.5}
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "repeats"}
    with tracer.start_as_current_span("repeats", attributes={**agent, **used}):
        call("leaf", 5)
    with tracer.start_as_current_span("alone", attributes={**agent, **used}):
        pass
    spans = {name: dict(span.attributes) for name, span in by_name(delivered).items()}
    marks = ("dev_agency.tokens.leaf", "dev_agency.cost.leaf")
    assert [spans["repeats"][mark] for mark in marks] == [False, True]
    assert [spans["alone"][mark] for mark in marks] == [True, True]
    assert not spans["leaf"].keys() & set(marks)


def test_an_agent_says_how_large_its_context_was(delivered: list[ReadableSpan]) -> None:
    """The largest that was prepared below it, where it does not say so itself."""
    with tachograph.agent("coder"):
        for size in (30, 70, 50):
            prepared = {"dev_agency.operation": "prepare_context", "dev_agency.context.size": size}
            with tracer.start_as_current_span("prepare_context", attributes=prepared):
                pass
    assert by_name(delivered)["invoke_agent coder"].attributes["dev_agency.context.size"] == 70


def test_an_agent_of_another_dialect_names_what_is_below_it(delivered: list[ReadableSpan]) -> None:
    """Spans below take over its name under ours, and it takes over no name from above."""
    said = {"openinference.span.kind": "AGENT", "agent.name": "clerk"}
    with (
        tachograph.agent("buyer"),
        tracer.start_as_current_span("inner", attributes=said),
        tracer.start_as_current_span("below"),
    ):
        pass
    spans = by_name(delivered)
    assert spans["below"].attributes["gen_ai.agent.name"] == "clerk"
    assert "gen_ai.agent.name" not in spans["inner"].attributes


def test_what_is_remembered_is_bounded(delivered: list[ReadableSpan], monkeypatch: pytest.MonkeyPatch) -> None:
    """An execution with more spans below than can be kept gets no marks rather than wrong ones."""
    monkeypatch.setattr(processor, "MAX_BELOW", 3)
    with tachograph.agent("huge"):
        for _ in range(5):
            call("chat", 1)
    with tachograph.agent("small"):
        call("chat", 1)
    spans = by_name(delivered)
    assert "dev_agency.tokens.total" not in spans["invoke_agent huge"].attributes
    assert spans["invoke_agent small"].attributes["dev_agency.tokens.total"] == 1


def test_a_fault_in_annotation_loses_no_span_for_others(
    delivered: list[ReadableSpan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's code goes on; the span itself is still delivered."""

    def broken(_: object) -> dict[str, object]:
        raise RuntimeError("broken mark")

    monkeypatch.setattr(processor, "MARKS", (broken,))
    with tachograph.agent("coder"):
        pass
    assert [span.name for span in delivered] == ["invoke_agent coder"]
