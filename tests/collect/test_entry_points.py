"""Entry points as users write them, right and wrong."""

import types
from dataclasses import dataclass, field

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from tachograph import guard
from tachograph.collect.entry_points import parse, wrap_module
from tachograph.collect.finding import Path


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("agent", "not of the form"),
        ("agent: work", "not of the form"),
        ("robot: a:b", "robot"),
        ("agent: a:b colour=red", "colour"),
        ("agent: a:b name=)(", "no path"),
        ({"role": "agent"}, "not of the form"),
        (5, "neither text nor a table"),
    ],
)
def test_a_wrong_entry_point_is_refused_in_one_line(spec: object, complaint: str) -> None:
    """The line names the part that is wrong."""
    with pytest.raises(ValueError, match=complaint) as caught:
        parse(spec)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_text_and_table_mean_the_same() -> None:
    """`[tool.tachograph]` takes both."""
    table = {"role": "agent", "target": "a.b:C.run", "name": "self.name", "class": "'fixed'"}
    assert parse("agent: a.b:C.run name=self.name class='fixed'") == parse(table)
    assert parse(table).facts["name"] == Path("self", ("name",))


@dataclass
class Result:
    ok: bool = True
    error: str | None = None
    usage: dict[str, int] = field(default_factory=lambda: {"input": 7})


class Engine:
    label = "engine"

    def execute(self, recipe: str, *, kind: str = "bug") -> Result:
        return Result(ok=recipe != "bad", error="broken" if recipe == "bad" else None)

    @classmethod
    def made(cls, size: int) -> int:
        return size

    @staticmethod
    def fixed(size: int) -> int:
        return size

    def _private(self) -> int:
        return 1


def module_with(engine: type) -> types.ModuleType:
    module = types.ModuleType(engine.__module__)
    module.Engine = engine  # type: ignore[attr-defined]
    return module


def fresh_engine() -> type:
    return type("Engine", (), dict(vars(Engine)))


def test_facts_come_from_arguments_object_and_result(delivered: list[ReadableSpan]) -> None:
    """Positional, by keyword, by default; a dictionary's key is found like an attribute."""
    engine = fresh_engine()
    spec = (
        f"recipe: {__name__}:Engine.execute name=recipe class=kind version=self.label"
        " success=result.ok error=result.error input_tokens=result.usage.input complexity='SIMPLE'"
    )
    wrap_module(parse(spec), module_with(engine))
    engine().execute("good")
    engine().execute(recipe="bad", kind="docs")
    good, bad = delivered
    assert good.name == "invoke_workflow good"
    assert good.attributes["dev_agency.task.class"] == "bug"
    assert good.attributes["dev_agency.task.complexity"] == "simple"
    assert good.attributes["dev_agency.recipe.version"] == "engine"
    assert good.attributes["gen_ai.usage.input_tokens"] == 7
    assert good.attributes["dev_agency.outcome"] == "success"
    assert bad.attributes["dev_agency.task.class"] == "docs"
    assert (bad.attributes["dev_agency.outcome"], bad.attributes["error.type"]) == ("failure", "broken")


def test_a_pattern_takes_what_a_module_offers(delivered: list[ReadableSpan]) -> None:
    """Methods of every kind, but no private ones and nothing twice."""
    engine = fresh_engine()
    for _ in range(2):
        wrap_module(parse(f"tool: {__name__}:Engine.*"), module_with(engine))
    instance = engine()
    assert (instance.made(1), engine.fixed(2), instance._private()) == (1, 2, 1)
    assert [span.name for span in delivered] == ["execute_tool made", "execute_tool fixed"]


def test_a_tool_says_which_call_it_is(delivered: list[ReadableSpan]) -> None:
    """By what it is given and not by its object, unless the user says what makes a call the same."""
    for said in ("", " call_hash=kind"):
        engine = fresh_engine()
        wrap_module(parse(f"tool: {__name__}:Engine.execute{said}"), module_with(engine))
        for kind in ("bug", "docs"):
            engine().execute("one", kind=kind)
            engine().execute(recipe="two", kind=kind)
            engine().execute("two", kind=kind)
    hashes = [span.attributes["dev_agency.call.hash"] for span in delivered]
    mine, theirs = hashes[:6], hashes[6:]
    assert (mine[1], mine[4], len(set(mine))) == (mine[2], mine[5], 4)
    assert (len(set(theirs[:3])), len(set(theirs))) == (1, 2)


def test_a_fact_that_is_not_there_is_left_out(delivered: list[ReadableSpan]) -> None:
    """Wrong paths and values that do not fit cost a warning, not the call."""
    engine = fresh_engine()
    spec = f"agent: {__name__}:Engine.execute name=self.nothing context_size=recipe complexity=result.no.such.thing"
    wrap_module(parse(spec), module_with(engine))
    assert engine().execute("good").ok
    (span,) = delivered
    assert span.name == "invoke_agent execute"
    assert "dev_agency.context.size" not in span.attributes


def test_a_cycle_of_dependencies_is_named_as_one(delivered: list[ReadableSpan]) -> None:
    """Whatever the exception is called, as long as it says cycle or circular."""

    class CircularDependencyError(Exception):
        pass

    class Resolver:
        def resolve(self) -> None:
            raise CircularDependencyError

    Resolver.__module__ = __name__
    module = types.ModuleType(__name__)
    module.Resolver = Resolver  # type: ignore[attr-defined]
    wrap_module(parse(f"dependencies: {__name__}:Resolver.resolve"), module)
    with pytest.raises(CircularDependencyError):
        Resolver().resolve()
    assert delivered[0].name == "resolve_dependencies"
    assert delivered[0].attributes["error.type"] == "circular_dependency"


class Base:
    name = "base"

    def run(self) -> str:
        return "ran"


def test_a_call_handed_on_to_a_base_class_is_one_execution(delivered: list[ReadableSpan]) -> None:
    """Both are named by the pattern, and only the outer one makes a span."""
    module = types.ModuleType(__name__)
    base = type("Base", (), dict(vars(Base)))

    class Derived(base):  # type: ignore[misc,valid-type]
        name = "derived"

        def run(self) -> str:
            return str(super().run())

    Derived.__module__ = __name__
    module.Base, module.Derived = base, Derived  # type: ignore[attr-defined]
    wrap_module(parse(f"agent: {__name__}:*.run"), module)
    assert Derived().run() == "ran"
    assert base().run() == "ran"
    assert [span.name for span in delivered] == ["invoke_agent derived", "invoke_agent base"]


def test_an_inherited_method_is_wrapped_for_the_named_class_only(delivered: list[ReadableSpan]) -> None:
    """Also where its base class stands in a module that nobody named."""
    module = types.ModuleType("elsewhere")
    base = type("Base", (), dict(vars(Base)))
    derived = type("Derived", (base,), {"__module__": "elsewhere", "name": "derived"})
    module.Derived = derived  # type: ignore[attr-defined]
    wrap_module(parse("agent: elsewhere:*.run"), module)
    assert derived().run() == base().run() == "ran"
    assert [span.name for span in delivered] == ["invoke_agent derived"]


def test_a_fault_while_reading_facts_does_not_reach_the_host(
    delivered: list[ReadableSpan], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A property that raises is the program's own business."""
    monkeypatch.setattr(guard, "_told", set())  # other tests may have had it told

    class Touchy:
        @property
        def name(self) -> str:
            raise RuntimeError("do not touch")

        def run(self) -> int:
            return 7

    Touchy.__module__ = __name__
    module = types.ModuleType(__name__)
    module.Touchy = Touchy  # type: ignore[attr-defined]
    wrap_module(parse(f"agent: {__name__}:Touchy.run"), module)
    assert Touchy().run() == 7
    assert [span.name for span in delivered] == ["invoke_agent run"]
    assert "do not touch" in caplog.text
