"""Which units of frameworks run around the code that is running now."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span

from tachograph import vocabulary as v
from tachograph.collect.execution import UNITS, Execution
from tachograph.collect.frameworks.declaring import Call, Unit
from tachograph.guard import harmless
from tachograph.semantics import retold
from tachograph.semantics.outcome import succeeded

_innermost: ContextVar["Running | None"] = ContextVar("tachograph_framework_unit", default=None)


class Running(Execution):
    """A unit of a framework that runs."""

    follows = True

    def __init__(self, framework: str, target: Unit, call: Call, role: str, name: str, key: Any) -> None:
        super().__init__(UNITS[role], name, target.begin(call))
        self.framework, self.target, self.call, self.role, self.key = framework, target, call, role, key
        self.above = _innermost.get()
        self.learned: dict[str, Any] = {}
        self._outside: Context | None = None

    def start(self) -> None:
        parent = self._parent_past_theirs()
        if parent is None:
            super().start()
            return
        outside = otel_context.get_current()
        otel_context.attach(trace.set_span_in_context(parent))
        super().start()
        otel_context.attach(outside)

    @harmless
    def _parent_past_theirs(self) -> Span | None:
        """Where the current span is somebody else's of what ours tell, the one that ours hang under: ours. One of
        theirs that has ended was left behind as the current one, and is nobody's parent."""
        current = trace.get_current_span()
        scope = getattr(current, "instrumentation_scope", None)
        if scope is None or not retold.is_covered(scope.name):
            return None
        return self.above.span if self.above else None if current.is_recording() else trace.INVALID_SPAN

    # Frameworks may leave what they entered in a copy of the context, where tokens are worth nothing: what was current
    # before is set anew.

    @harmless
    def enter(self) -> None:
        self._outside = otel_context.get_current()
        otel_context.attach(trace.set_span_in_context(self.span))
        _innermost.set(self)

    @harmless
    def leave(self) -> None:
        if self._outside is not None and trace.get_current_span() is self.span:
            otel_context.attach(self._outside)
        if _innermost.get() is self:
            _innermost.set(self.above)
        self._outside = None

    @harmless
    def saw(self, item: Any) -> None:
        self.learn(self.target.item(self.call, item))

    def learn(self, facts: Mapping[str, Any]) -> None:
        """Note what became known; an outcome is judged as one that was said."""
        for name, value in facts.items():
            if name == v.OUTCOME:
                self.outcome(value, facts.get(v.ERROR_TYPE))
            elif value is not None and name != v.ERROR_TYPE:
                self.learned[name] = value

    def stop(self, error: BaseException | None = None) -> None:
        self.set(self.learned)
        if error is not None:  # says more than what was known of it before
            self._outcome = self._error_type = None
        meant = None if error is None else self._meaning(error)
        if meant is not None:
            self.outcome(meant)
        super().stop(None if meant is not None and succeeded(meant) else error)

    def _meaning(self, error: BaseException) -> str | None:
        names = (kind.__name__ for kind in type(error).__mro__)
        return next((self.target.means[name] for name in names if name in self.target.means), None)


def nearest(role: str | None = None) -> Running | None:
    """The innermost unit, of this role where one is named."""
    unit = _innermost.get()
    while unit is not None and role is not None and unit.role != role:
        unit = unit.above
    return unit


def is_same(framework: str, role: str, name: str, key: Any) -> bool:
    """Whether the innermost unit is this very one, of which another wrapped function is called; a tool that another
    framework hands on has the same name."""
    unit = _innermost.get()
    if unit is None or unit.role != role:
        return False
    return (unit.framework == framework and _is(unit.key, key)) or (role == "tool" and unit.name == name)


def _is(one: Any, other: Any) -> bool:
    return one is other or (isinstance(one, str) and one == other)
