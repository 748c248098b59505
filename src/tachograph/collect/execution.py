"""One span of the vocabulary from start to end: what every decorator, entry point and command is built on."""

import time
from collections.abc import Callable, Mapping
from contextvars import Token
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, Self

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from tachograph import vocabulary as v
from tachograph.collect import propagation
from tachograph.guard import harmless, tell_fault
from tachograph.semantics import outcome

_SCHEMA = "https://opentelemetry.io/schemas/1.41.0"
_tracer = trace.get_tracer("tachograph", schema_url=_SCHEMA)

# Called with the role of a span about to begin; what they return it begins with. Filled by the SDK.
beginners: list[Callable[[str], Mapping[str, Any]]] = []

# Makes the span of a site, with the call hash that it alone has, in place of the tracer, where the SDK knows a quicker
# way; None where it does not.
makers: list[Callable[["Site", str | None], Span | None]] = []

# Called with a span about to end and its end time (ns); what they return is set on it. Filled by the SDK.
finishers: list[Callable[[Any, int], Mapping[str, Any] | None]] = []


class Unit(NamedTuple):
    """How one role of the vocabulary looks as a span."""

    role: str
    title: str  # with {} for the name
    named_by: str | None
    version_as: str | None = None
    attributes: Mapping[str, Any] = MappingProxyType({})
    kind: SpanKind = SpanKind.INTERNAL


UNITS = {
    unit.role: unit
    for unit in (
        Unit("agent", "invoke_agent {}", v.AGENT_NAME, v.AGENT_VERSION, {v.OPERATION: v.INVOKE_AGENT}),
        Unit("recipe", "invoke_workflow {}", v.RECIPE_NAME, v.RECIPE_VERSION, {v.OPERATION: v.INVOKE_RECIPE}),
        Unit("step", "step {}", v.STEP_NAME),
        Unit("context", v.PREPARE_CONTEXT, None, None, {v.OPERATION_KIND: v.PREPARE_CONTEXT}),
        Unit("dependencies", v.RESOLVE_DEPENDENCIES, None, None, {v.OPERATION_KIND: v.RESOLVE_DEPENDENCIES}),
        Unit("model", "chat {}", v.REQUEST_MODEL, None, {v.OPERATION: v.CHAT}, SpanKind.CLIENT),
        Unit("tool", "execute_tool {}", v.TOOL_NAME, None, {v.OPERATION: v.EXECUTE_TOOL}),
        Unit("command", "{}", v.COMMAND_NAME),
    )
}


class Site:
    """What executions begin with that are alike. `templates` is for makers, to keep there what they worked out, and
    `held` for what it depends on."""

    __slots__ = ("attributes", "held", "role", "templates", "title", "unit")

    def __init__(self, unit: Unit, name: str, given: Mapping[str, Any]) -> None:
        named = {unit.named_by: name} if unit.named_by else {}
        self.unit = unit
        self.role = unit.role
        self.title = unit.title.format(name)
        self.attributes: Mapping[str, Any] = {**unit.attributes, **named, **_present(given)}
        self.templates: dict[Any, Any] = {}
        self.held: Any = None


_sites: dict[Any, Site] = {}
_MOST_SITES = 256  # then they are remembered anew


def site_of(unit: Unit, name: str, given: Mapping[str, Any]) -> Site:
    """The site of an execution that was begun before in the same way, else a new one."""
    try:
        key = (unit.role, name, *given.items(), *map(type, given.values()))  # by type, for True equals 1
        return _sites.get(key) or _remembered(key, Site(unit, name, dict(given)))
    except TypeError:  # a value that cannot be compared, such as a list
        return Site(unit, name, given)


def _remembered(key: Any, site: Site) -> Site:
    if len(_sites) >= _MOST_SITES:
        _sites.clear()
    _sites[key] = site
    return site


def use_provider() -> trace.Tracer:
    """Ask the tracer provider that is set for its tracer: the one that was had before it was set asks every time."""
    global _tracer
    _tracer = trace.get_tracer("tachograph", schema_url=_SCHEMA)
    return _tracer


class Execution:
    """A running unit of work. Use it as a context manager, or drive `start`, `enter`/`leave` and `stop` yourself.

    Everything set on it lands on its span. No method raises, whatever state telemetry is in.
    """

    # What most executions have in common stands here, so that it need not be set on each.
    _span: Span = trace.INVALID_SPAN
    _token: Token[Context] | None = None
    _outcome: str | None = None
    _error_type: str | None = None
    _steps = 0
    said: Callable[[str], str] = str  # what may be kept of an exception's message
    follows = False  # whether it goes on in a generator that a plain function hands out
    call_hash: str | None = None  # what it is given, of a tool

    def __init__(
        self, unit: Unit, name: str, attributes: Mapping[str, Any] | None = None, site: Site | None = None
    ) -> None:
        self.unit = unit
        self.name = name
        self._given = attributes or {}
        self._site = site

    @property
    def span(self) -> Span:
        """The OpenTelemetry span, a no-op one before the start."""
        return self._span

    # What runs with every call has a `try` of its own in place of `harmless`, which costs more.

    def start(self) -> None:
        try:
            site = self._site or site_of(self.unit, self.name, self._given)
            # The hash is of the span and not of the site, for hardly two are alike.
            self._span = _made_quickly(site, self.call_hash) or _made(site, self.call_hash)
        except Exception as error:
            tell_fault(self.start, error)

    def enter(self) -> None:
        """Make this the current span of the calling context."""
        try:
            self._token = otel_context.attach(trace.set_span_in_context(self._span))
        except Exception as error:
            tell_fault(self.enter, error)

    def leave(self) -> None:
        """Make the span current that was so before `enter`."""
        try:
            if self._token is not None:
                token, self._token = self._token, None
                otel_context.detach(token)
        except Exception as error:
            tell_fault(self.leave, error)

    def stop(self, error: BaseException | None = None) -> None:
        """End the span, with the outcome that was set, else the one that `error` means."""
        end_time = time.time_ns()
        try:
            self._describe(error, end_time)
        except Exception as fault:
            tell_fault(self._describe, fault)
        try:
            self._span.end(end_time)
        except Exception as fault:
            tell_fault(self.stop, fault)

    def _describe(self, error: BaseException | None, end_time: int) -> None:
        if error is not None:
            self._record(error)
        if self._outcome is not None:
            self._span.set_attribute(v.OUTCOME, self._outcome)
        for finisher in finishers:
            marks = finisher(self._span, end_time)
            if marks:
                self._span.set_attributes(marks)

    @harmless
    def set(self, attributes: Mapping[str, Any]) -> None:
        """Set attributes; those that are None are left out."""
        present = _present(attributes)
        if present:  # a span that was told nothing may still end as it began
            self._span.set_attributes(present)

    @harmless
    def rename(self, name: str) -> None:
        """Give the unit another name, known only after its start."""
        self.name = name
        self._span.update_name(self.unit.title.format(name))
        if self.unit.named_by:
            self._span.set_attribute(self.unit.named_by, name)

    @harmless
    def outcome(self, value: str, error_type: str | None = None) -> None:
        """How it ended: one of `success` `failure` `error` `timeout` `cancellation` `skip`."""
        if value not in v.OUTCOMES:
            raise ValueError(f"outcome {value!r} is none of {', '.join(v.OUTCOMES)}")
        self._outcome = value
        self._error_type = error_type
        if error_type:
            self._span.set_attribute(v.ERROR_TYPE, error_type)
        if not outcome.succeeded(value):
            self._span.set_status(Status(StatusCode.ERROR, error_type))

    def usage(
        self,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cache_read_tokens: int | None = None,
        cache_write_tokens: int | None = None,
    ) -> None:
        """Tokens of this call; `input_tokens` includes those read from or written to a cache."""
        counts = (input_tokens, output_tokens, cache_read_tokens, cache_write_tokens)
        names = (v.INPUT_TOKENS, v.OUTPUT_TOKENS, v.CACHE_READ_TOKENS, v.CACHE_WRITE_TOKENS)
        self.set(dict(zip(names, counts, strict=True)))

    def context_size(self, tokens: int) -> None:
        """Size of the context handed to an agent, in tokens."""
        self.set({v.CONTEXT_SIZE: tokens})

    @harmless
    def review(
        self, comment: str | None = None, *, reviewer: str = "human", version: str = "", **scores: float
    ) -> None:
        """Score the work before it ends, 0 to 10: correctness, completeness, code_quality, efficiency, overall;
        user_satisfaction 1 to 5. What comes later is for `tachograph.review`."""
        unknown = scores.keys() - {*v.QUALITY_DIMENSIONS, v.USER_SATISFACTION}
        if unknown:
            raise ValueError(f"{min(unknown)!r} is none of {', '.join(v.QUALITY_DIMENSIONS)}, {v.USER_SATISFACTION}")
        about = {v.EVALUATION_REVIEWER: reviewer, v.EVALUATION_REVIEWER_VERSION: version or None}
        for name, score in scores.items():
            said = {v.EVALUATION_NAME: name, v.EVALUATION_SCORE: float(score), v.EVALUATION_EXPLANATION: comment}
            self._span.add_event(v.EVALUATION_RESULT, _present({**said, **about}))

    def saw(self, item: Any) -> None:
        """Told of each item that the generator around which it stands yields."""

    def step(self, name: str, *, depends_on: list[str] | None = None) -> "Execution":
        """The next step of this recipe; `depends_on=[]` says that it needs none, None that nobody knows."""
        index, self._steps = self._steps, self._steps + 1
        return Execution(UNITS["step"], name, {v.STEP_INDEX: index, v.STEP_DEPENDS_ON: depends_on})

    def __enter__(self) -> Self:
        self.start()
        self.enter()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.leave()
        self.stop(error)

    def _record(self, error: BaseException) -> None:
        value, error_type = meaning(error)
        self._outcome = self._outcome or value
        if value == outcome.SUCCESS:
            return
        self._span.set_attribute(v.ERROR_TYPE, self._error_type or error_type)
        said = error_type if isinstance(error, SystemExit) else self.said(str(error))
        self._span.set_status(Status(StatusCode.ERROR, said or error_type))
        self._span.add_event("exception", {"exception.type": error_type, "exception.message": said})


def _made_quickly(site: Site, call_hash: str | None) -> Span | None:
    try:
        for make in makers:
            return make(site, call_hash)
    except Exception as error:  # it leans on private names of OpenTelemetry
        makers.clear()
        tell_fault(_made_quickly, error)
    return None


def _made(site: Site, call_hash: str | None) -> Span:
    attributes = dict(site.attributes)
    for beginner in beginners:
        attributes.update(beginner(site.role))
    if call_hash is not None:
        attributes[v.CALL_HASH] = call_hash
    return _tracer.start_span(site.title, _parent(), site.unit.kind, attributes)


def meaning(error: BaseException) -> tuple[str, str]:
    """The outcome that an exception stands for, and its `error.type` (qualified, builtins bare)."""
    if isinstance(error, SystemExit):
        code = exit_code(error)
        return (outcome.SUCCESS, "") if code == 0 else (outcome.FAILURE, f"exit_code_{code}")
    if outcome.is_cancellation(error):
        return "cancellation", type(error).__qualname__
    if isinstance(error, GeneratorExit):  # whoever read a generator had enough of it
        return outcome.SUCCESS, ""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return ("timeout" if isinstance(error, TimeoutError) else "error"), name


def exit_code(error: SystemExit) -> int:
    """The status that a process leaves with: None is 0, a message is 1, as the interpreter has it."""
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1  # what a parent can see of it


def _parent() -> Context | None:
    """The caller of this process where nothing is current, as in a new thread; None leaves it to what is current."""
    caller = propagation.caller()
    return None if caller is None or trace.get_current_span().get_span_context().is_valid else caller


def _present(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    if None not in attributes.values():
        return attributes
    return {key: value for key, value in attributes.items() if value is not None}
