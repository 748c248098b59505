"""Whatever a host does with a wrapped callable, and whatever breaks inside of tachograph, the host notices nothing."""

import asyncio
import contextvars
import functools
import inspect
import pickle
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

import tachograph
from tachograph.annotate import cleaning, processor
from tachograph.collect import execution
from tachograph.collect.execution import Execution

Body = list[tuple[str, Any]]
Seen = list[tuple[str, Any]]

variable: contextvars.ContextVar[int] = contextvars.ContextVar("host", default=0)


class Odd(BaseException):
    """An exception of the host's that no `except Exception` catches."""


ERRORS: list[BaseException] = [KeyError("k"), ValueError("v"), Odd("o"), StopAsyncIteration(), KeyboardInterrupt()]
# What a generator does step by step: yield a value; yield and survive what is thrown; set a variable; raise; return.
bodies = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["yield", "survive", "set", "return"]), st.integers(0, 9)),
        st.tuples(st.just("raise"), st.integers(0, len(ERRORS) - 1)),
    ),
    max_size=6,
)
# What its reader does.
readers = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["next", "close", "read"]), st.just(0)),
        st.tuples(st.just("send"), st.integers(0, 9)),
        st.tuples(st.just("throw"), st.integers(0, len(ERRORS) - 1)),
    ),
    max_size=8,
)


def generator(body: Body, seen: Seen) -> Generator[Any, Any, Any]:
    """Does what `body` says and notes what arrives."""
    for action, number in body:
        if action == "set":
            seen.append(("was", variable.get()))
            variable.set(number)
        elif action == "raise":
            raise ERRORS[number]
        elif action == "return":
            return number
        else:
            try:
                seen.append(("got", (yield number)))
            except Exception as error:
                seen.append(("caught", error))
                if action == "yield":
                    raise
            finally:
                seen.append(("left", number))
    return None


async def async_generator(body: Body, seen: Seen) -> AsyncGenerator[Any, Any]:
    """The same, with a pause before each item."""
    for action, number in body:
        await asyncio.sleep(0)
        if action == "set":
            seen.append(("was", variable.get()))
            variable.set(number)
        elif action == "raise":
            raise ERRORS[number]
        elif action == "return":
            return
        else:
            try:
                seen.append(("got", (yield number)))
            except Exception as error:
                seen.append(("caught", error))
                if action == "yield":
                    raise
            finally:
                seen.append(("left", number))


def said(call: Callable[[], Any]) -> tuple[str, Any]:
    """What came of a call: its result, or the very exception that it raised."""
    try:
        return "gave", call()
    except StopIteration as stop:
        return "stopped", stop.value
    except BaseException as error:
        return "raised", known(error)


def known(error: BaseException) -> Any:
    """The exception itself where it is one of ours, else what it says: the interpreter makes a new one each time."""
    return error if any(error is ours for ours in ERRORS) else (type(error), str(error))


def read(function: Any, body: Body, reader: Body) -> Seen:
    """Everything that body and reader of a generator see."""
    seen: Seen = []
    made = function(body, seen)
    calls: dict[str, Callable[[int], Any]] = {
        "next": lambda _: next(made),
        "send": lambda number: made.send(number),
        "throw": lambda number: made.throw(ERRORS[number]),
        "close": lambda _: made.close(),
        "read": lambda _: (variable.get(), trace.get_current_span().get_span_context().is_valid),
    }
    for action, number in reader:
        seen.append(said(functools.partial(calls[action], number)))
    seen.append(said(made.close))
    return seen


async def read_async(function: Any, body: Body, reader: Body) -> Seen:
    """The same of an async generator."""
    seen: Seen = []
    made = function(body, seen)
    calls: dict[str, Callable[[int], Any]] = {
        "next": lambda _: anext(made),
        "send": lambda number: made.asend(number),
        "throw": lambda number: made.athrow(ERRORS[number]),
        "close": lambda _: made.aclose(),
    }
    for action, number in reader:
        if action == "read":
            seen.append(("read", (variable.get(), trace.get_current_span().get_span_context().is_valid)))
            continue
        try:
            seen.append(("gave", await calls[action](number)))
        except BaseException as error:
            seen.append(("raised", known(error)))
    return seen


def alone(call: Callable[[], Any]) -> Any:
    """In a context of its own, so that one run does not see the variables of the other."""
    return contextvars.copy_context().run(call)


@settings(deadline=None, max_examples=300)
@given(body=bodies, reader=readers)
def test_a_wrapped_generator_is_the_generator_it_was(body: Body, reader: Body) -> None:
    """next, send, throw, close, return value, surviving an error, context variables: the same in any order."""
    wrapped = tachograph.agent("a")(generator)
    assert alone(lambda: read(wrapped, body, reader)) == alone(lambda: read(generator, body, reader))


@settings(deadline=None, max_examples=150)
@given(body=bodies, reader=readers)
def test_a_wrapped_async_generator_is_the_one_it_was(body: Body, reader: Body) -> None:
    """anext, asend, athrow, aclose: the same in any order."""
    wrapped = tachograph.agent("a")(async_generator)
    assert drive(lambda: read_async(wrapped, body, reader)) == drive(lambda: read_async(async_generator, body, reader))


def drive(start: Callable[[], Any]) -> Seen:
    """Runs a coroutine whose awaits are all `sleep(0)`, without a loop, which would end at a KeyboardInterrupt."""
    coroutine = start()

    def run() -> Seen:
        while True:
            try:
                coroutine.send(None)
            except StopIteration as stop:
                return list(stop.value)

    return list(alone(run))


@given(number=st.integers(0, len(ERRORS) - 1), depth=st.integers(0, 5))
def test_an_exception_keeps_itself_and_its_frames(number: int, depth: int) -> None:
    """The very same object, with the host's own frames in the same order."""

    def fail(left: int) -> None:
        if left:
            fail(left - 1)
        raise ERRORS[number]

    def frames(function: Callable[[int], None]) -> tuple[BaseException, list[str]]:
        ERRORS[number].__traceback__ = None  # of earlier tests
        try:
            function(depth)
        except BaseException as error:
            names = [frame.name for frame in traceback_of(error) if frame.file == __file__]
            return error, names
        raise AssertionError("it did not fail")

    assert frames(tachograph.tool("t")(fail)) == frames(fail)


class _Frame:
    def __init__(self, name: str, file: str) -> None:
        self.name, self.file = name, file


def traceback_of(error: BaseException) -> list[_Frame]:
    """Frames of a traceback, outermost first."""
    found, at = [], error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        found.append(_Frame(code.co_name, code.co_filename))
        at = at.tb_next
    return found


def plain(a: int, /, b: str = "x", *rest: int, c: float, **more: Any) -> dict[str, Any]:
    """Of every kind of parameter one."""
    return {"a": a, "b": b, "rest": rest, "c": c, **more}


async def coroutine(value: int) -> int:
    """Waits once."""
    await asyncio.sleep(0)
    variable.set(value)
    return variable.get()


wrapped_plain = tachograph.tool("plain")(plain)
QUESTIONS: list[Callable[[Any], Any]] = [
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
    inspect.isroutine,
    inspect.signature,
    inspect.getsource,
    inspect.getdoc,
    inspect.getmodule,
    inspect.unwrap,
    inspect.get_annotations,
    lambda function: (function.__name__, function.__qualname__, function.__module__, function.__doc__),
    lambda function: (function.__defaults__, function.__kwdefaults__, function.__code__, function.__annotations__),
]


@pytest.mark.parametrize("function", [plain, generator, async_generator, coroutine])
@pytest.mark.parametrize("question", range(len(QUESTIONS)))
def test_inspect_gives_the_answers_of_the_original(function: Any, question: int) -> None:
    """Frameworks decide by these answers what they call and how."""
    ask = QUESTIONS[question]
    assert ask(tachograph.tool("t")(function)) == ask(function)


def test_it_is_pickled_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every protocol, as functions are."""
    monkeypatch.setattr(wrapped_plain.__wrapped__, "__qualname__", "wrapped_plain")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(wrapped_plain, protocol)) is wrapped_plain


@given(
    st.integers(), st.text(), st.lists(st.integers()), st.floats(allow_nan=False), st.dictionaries(st.text(), st.none())
)
def test_arguments_arrive_as_they_were_given(a: int, b: str, rest: list[int], c: float, more: dict[str, Any]) -> None:
    """By position and by name; wrong ones are refused with the same words."""
    more = {key: value for key, value in more.items() if key not in ("a", "b", "c", "rest", "self")}
    assert wrapped_plain(a, b, *rest, c=c, **more) == plain(a, b, *rest, c=c, **more)
    wrong: tuple[Any, ...] = ()
    assert said(lambda: wrapped_plain(*wrong)) == said(lambda: plain(*wrong))


def test_a_cancelled_coroutine_sees_its_cancellation() -> None:
    """Inside, outside, and where it decides to go on."""
    seen: list[str] = []

    async def stubborn() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
        return "went on"

    async def run(function: Any) -> Any:
        task = asyncio.create_task(function())
        await asyncio.sleep(0)
        task.cancel("reason")
        return await task, task.cancelling()

    assert asyncio.run(run(tachograph.tool("t")(stubborn))) == asyncio.run(run(stubborn))
    assert seen == ["cancelled", "cancelled"]


def test_a_variable_set_in_a_coroutine_is_seen_by_its_caller() -> None:
    """A coroutine that is awaited runs in the context of who awaits it."""

    async def run() -> int:
        await tachograph.tool("t")(coroutine)(7)
        return variable.get()

    assert asyncio.run(run()) == 7


# --- faults: every point where the host enters tachograph ---

POINTS: dict[str, tuple[Any, str]] = {
    "a span is started": (execution, "_tracer"),
    "its parent is looked up": (execution, "_parent"),
    "its attributes are gathered": (execution, "_present"),
    "it is made current": (execution.otel_context, "attach"),
    "it is made no longer current": (execution.otel_context, "detach"),
    "the meaning of an error": (execution, "meaning"),
    "the processor at the start": (processor.AnnotatingProcessor, "_hand_down"),
    "the processor before the end": (processor, "_judged"),
    "the host's pressure": (processor.Sampler, "since"),
    "marks are computed": (processor.AnnotatingProcessor, "_marks"),
    "secrets are looked for": (cleaning.redaction, "clean"),
    "texts are looked through": (cleaning.redaction, "text"),
    "a finished span is copied": (cleaning, "_copy"),
    "what is handed down": (processor.AnnotatingProcessor, "handed_down"),
    "a template is made": (processor.AnnotatingProcessor, "template"),
    "a span ends as it began": (processor.AnnotatingProcessor, "_plain"),
}


def work(wrap: Callable[[Any], Any]) -> Seen:
    """Calls of every kind, with results and errors."""
    call = wrap(lambda value: value + 1)
    fail = wrap(lambda: [][0])
    seen: Seen = [said(lambda: call(1)), said(fail)]
    seen.append(said(lambda: asyncio.run(wrap(coroutine)(3))))
    seen += read(wrap(generator), [("survive", 1), ("yield", 2)], [("next", 0), ("throw", 0), ("next", 0)])
    seen += drive(lambda: read_async(wrap(async_generator), [("yield", 1)], [("next", 0), ("next", 0)]))
    return seen


class Broken:
    """Raises at whatever is done with it."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise self.error

    def __getattr__(self, _: str) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error", [RuntimeError("fault"), RecursionError("fault"), MemoryError(), AttributeError("fault")]
)
@pytest.mark.parametrize("point", POINTS)
def test_a_fault_of_ours_never_reaches_the_host(delivered: list[ReadableSpan], point: str, error: Exception) -> None:
    """Results, errors and order are those without tachograph."""
    where, name = POINTS[point]
    untouched = alone(lambda: work(lambda function: function))
    with mock.patch.object(where, name, Broken(error)):
        assert alone(lambda: work(tachograph.agent("a"))) == untouched


@pytest.mark.parametrize("point", ["it is made current", "marks are computed", "secrets are looked for"])
def test_a_ctrl_c_inside_of_tachograph_is_the_hosts(delivered: list[ReadableSpan], point: str) -> None:
    """The user wants the program to end, whatever line it is at; it is not taken for a fault."""
    where, name = POINTS[point]
    interrupted = tachograph.agent("a")(lambda: [][0])
    with mock.patch.object(where, name, Broken(KeyboardInterrupt())), pytest.raises(KeyboardInterrupt):
        alone(interrupted)


@pytest.fixture
def ended() -> Iterator[None]:
    """The current span is none again, whatever a test did to it."""
    yield
    assert not trace.get_current_span().get_span_context().is_valid


class Strange:
    """A value that raises at whatever anybody asks of it."""

    def _raise(self, *_: Any) -> Any:
        raise RuntimeError("strange")

    __str__ = __repr__ = __eq__ = __len__ = __bool__ = __iter__ = __getattr__ = __format__ = _raise  # type: ignore[assignment]
    __hash__ = _raise  # type: ignore[assignment]


def test_values_that_raise_are_no_matter_of_the_host(delivered: list[ReadableSpan], ended: None) -> None:
    """As argument, result, attribute, name, error text: the work is done, with a span or without one."""
    value = Strange()
    assert tachograph.tool("t")(lambda given: given)(value) is value
    with tachograph.agent("a") as run:
        run.set({"x": value, "y": [value], "z": {"a": value}})
        run.context_size(value)  # type: ignore[arg-type]
        run.outcome(value)  # type: ignore[arg-type]
        run.usage(input_tokens=value)  # type: ignore[arg-type]
    with Execution(execution.UNITS["agent"], value, {"x": value}):  # type: ignore[arg-type]
        pass

    class Silent(Exception):
        __str__ = __repr__ = Strange._raise  # type: ignore[assignment]

    error = Silent()

    @tachograph.tool("t")
    def fail() -> None:
        raise error

    with pytest.raises(Silent) as caught:
        fail()
    assert caught.value is error


def test_a_stack_that_is_nearly_full_stays_the_hosts_own_matter(delivered: list[ReadableSpan], ended: None) -> None:
    """The host gets the RecursionError that it would get, and goes on afterwards as if nothing was."""

    @tachograph.tool("deep")
    def deep(left: int) -> int:
        return 0 if left == 0 else 1 + deep(left - 1)

    assert said(lambda: deep(100_000))[0] == "raised"
    assert deep(10) == 10
    assert trace.get_current_span() is trace.INVALID_SPAN
    with tachograph.agent("after"):
        pass
    assert delivered[-1].parent is None


def test_a_hostile_number_of_names_costs_bounded_memory() -> None:
    """Everything that is kept by name: what was told, what was looked at, what labels a metric has."""
    from tachograph import guard
    from tachograph.deliver.metrics.labels import Labels
    from tachograph.redaction import names, values

    labels = Labels()
    before = set(guard._told)
    with mock.patch.object(guard, "_told", before), mock.patch.object(guard, "_log"):
        for number in range(20_000):
            name = f"agent number {number}"
            labels.of(("agent_name",), (name,))
            guard.tell_once(name, name)
            cleaning.redaction.clean({name: name})
        assert len(guard._told) <= 1_000
    assert len(set(labels._known["agent_name"].values())) <= 200
    assert max(len(names.verdicts), len(values.known_clean)) <= 4_096
    assert labels.of(("agent_name",), ("one more",)) == ("other",)
