"""A wrapped callable is still the callable it was, and its span says what happened."""

import asyncio
import inspect
import pickle
from collections.abc import AsyncIterator, Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

import tachograph
from tachograph import guard


@tachograph.tool("adder")
def add(a: int, b: int = 2) -> int:
    """Adds."""
    return a + b


@tachograph.agent("waiter", complexity="simple")
async def wait(value: int) -> int:
    await asyncio.sleep(0)
    return value


@tachograph.agent
def count(limit: int) -> Iterator[int]:
    got = 0
    for number in range(limit):
        got += (yield number) or 0
    return got


@tachograph.agent("stream")
async def stream(limit: int) -> AsyncIterator[int]:
    for number in range(limit):
        await asyncio.sleep(0)
        yield number


def test_a_function_keeps_result_signature_and_name(delivered: list[ReadableSpan]) -> None:
    """Signature, docstring, name and pickling are those of the function."""
    assert add(1) == 3
    assert str(inspect.signature(add)) == "(a: int, b: int = 2) -> int"
    assert (add.__name__, add.__doc__, add.__module__) == ("add", "Adds.", __name__)
    assert pickle.loads(pickle.dumps(add)) is add
    assert [span.name for span in delivered] == ["execute_tool adder"]


def test_inspect_still_sees_what_kind_of_function_it_is() -> None:
    """Frameworks decide by these answers how to call it."""
    assert inspect.iscoroutinefunction(wait)
    assert inspect.isgeneratorfunction(count)
    assert inspect.isasyncgenfunction(stream)
    assert not inspect.iscoroutinefunction(add)


def test_a_coroutine_is_one_span_around_its_awaiting(delivered: list[ReadableSpan]) -> None:
    """Nothing starts before it is awaited."""
    waiting = wait(5)
    assert not delivered
    assert asyncio.run(waiting) == 5
    assert [span.name for span in delivered] == ["invoke_agent waiter"]


def test_concurrent_coroutines_do_not_become_each_others_parents(delivered: list[ReadableSpan]) -> None:
    """Each task has its own context."""

    async def both() -> None:
        await asyncio.gather(wait(1), wait(2))

    asyncio.run(both())
    assert [span.parent for span in delivered] == [None, None]


def test_a_cancelled_coroutine_is_a_cancellation(delivered: list[ReadableSpan]) -> None:
    """The cancellation reaches the caller, and the span says so."""

    @tachograph.agent("sleeper")
    async def sleep() -> None:
        await asyncio.sleep(60)

    async def cancel() -> None:
        task = asyncio.create_task(sleep())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert delivered[0].attributes["dev_agency.outcome"] == "cancellation"


def test_a_generator_keeps_its_protocol(delivered: list[ReadableSpan]) -> None:
    """send, return value and exhaustion work; the reader's own spans do not hang under the generator."""
    numbers = count(2)
    assert next(numbers) == 0
    assert not trace.get_current_span().get_span_context().is_valid
    assert numbers.send(7) == 1
    with pytest.raises(StopIteration) as stop:
        numbers.send(1)
    assert stop.value.value == 8
    assert [span.name for span in delivered] == ["invoke_agent count"]


def test_an_error_thrown_into_a_generator_reaches_it(delivered: list[ReadableSpan]) -> None:
    """throw() arrives inside and comes out again."""
    numbers = count(2)
    next(numbers)
    with pytest.raises(KeyError):
        numbers.throw(KeyError("x"))
    assert delivered[0].attributes["error.type"] == "KeyError"


def test_a_generator_left_early_is_no_failure(delivered: list[ReadableSpan]) -> None:
    """Whoever reads only the first item has what it wanted."""
    numbers = count(5)
    next(numbers)
    numbers.close()
    assert delivered[0].status.is_ok
    assert "error.type" not in delivered[0].attributes


def test_an_async_generator_is_one_span(delivered: list[ReadableSpan]) -> None:
    """From the first item to exhaustion."""

    async def read() -> list[int]:
        return [number async for number in stream(3)]

    assert asyncio.run(read()) == [0, 1, 2]
    assert [span.name for span in delivered] == ["invoke_agent stream"]


def test_a_plain_function_that_hands_out_a_coroutine_is_followed(delivered: list[ReadableSpan]) -> None:
    """The span ends with the work, not with the call that only made it."""

    @tachograph.agent("hidden")
    def start() -> object:
        async def work() -> str:
            assert trace.get_current_span().get_span_context().is_valid
            return "done"

        return work()

    coroutine = start()
    assert not delivered
    assert asyncio.run(coroutine) == "done"  # type: ignore[arg-type]
    assert len(delivered) == 1


def test_methods_of_every_kind_are_wrapped_in_place(delivered: list[ReadableSpan]) -> None:
    """Instance, class and static methods get the arguments they always got."""

    class Agent:
        @tachograph.tool("a")
        def instance(self) -> object:
            return self

        @classmethod
        @tachograph.tool("b")
        def of_class(cls) -> object:
            return cls

        @staticmethod
        @tachograph.tool("c")
        def static(value: int) -> int:
            return value

    agent = Agent()
    assert agent.instance() is agent
    assert Agent.of_class() is Agent
    assert agent.static(3) == 3
    assert len(delivered) == 3


@pytest.mark.parametrize(
    ("error", "outcome", "error_type"),
    [
        (ValueError("bad"), "error", "ValueError"),
        (TimeoutError(), "timeout", "TimeoutError"),
        (KeyboardInterrupt(), "cancellation", "KeyboardInterrupt"),
        (SystemExit(3), "failure", "exit_code_3"),
        (SystemExit(None), "success", None),
        (pickle.PicklingError("x"), "error", "_pickle.PicklingError"),
    ],
)
def test_an_exception_reaches_the_caller_and_is_understood(
    delivered: list[ReadableSpan], error: BaseException, outcome: str, error_type: str | None
) -> None:
    """The very same object comes out."""

    @tachograph.tool("failing")
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        fail()
    assert caught.value is error
    assert delivered[0].attributes["dev_agency.outcome"] == outcome
    assert delivered[0].attributes.get("error.type") == error_type


def test_a_recipe_block_with_steps(delivered: list[ReadableSpan]) -> None:
    """Steps are numbered, say what they depend on, and hang under the recipe."""
    with tachograph.recipe("bug_fix", version="1.2.0") as run:
        with run.step("reproduce", depends_on=[]):
            pass
        with run.step("fix", depends_on=["reproduce"]) as fix:
            fix.outcome("failure", "no_patch")
    reproduce, failed, recipe = delivered
    assert [span.name for span in delivered] == ["step reproduce", "step fix", "invoke_workflow bug_fix"]
    assert reproduce.attributes["dev_agency.step.depends_on"] == ()
    assert failed.attributes["dev_agency.step.depends_on"] == ("reproduce",)
    assert (reproduce.attributes["dev_agency.step.index"], failed.attributes["dev_agency.step.index"]) == (0, 1)
    assert failed.attributes["error.type"] == "no_patch"
    assert recipe.attributes["dev_agency.recipe.version"] == "1.2.0"
    assert {span.parent.span_id for span in (reproduce, failed)} == {recipe.context.span_id}


def test_a_wrong_keyword_is_refused_where_it_is_written() -> None:
    """A typing error in a decorator is told at once, not lost."""
    with pytest.raises(TypeError, match="complexty"):
        tachograph.agent("x", complexty="simple")  # type: ignore[call-overload]


def test_a_fault_of_ours_does_not_reach_the_host(
    delivered: list[ReadableSpan], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With the tracer itself broken, and what is quicker than it, the function runs as if nothing was around it."""
    monkeypatch.setattr(guard, "_told", set())  # other tests may have had it told

    class Broken:
        def start_span(self, *_: object, **__: object) -> None:
            raise RuntimeError("broken tracer")

    monkeypatch.setattr("tachograph.collect.execution._tracer", Broken())
    monkeypatch.setattr("tachograph.collect.execution.makers", [Broken().start_span])
    assert add(4) == 6
    assert not delivered
    assert "broken tracer" in caplog.text
