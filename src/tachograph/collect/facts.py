"""Reads the facts about each call of a function that an entry point names, at its start and at its end."""

import inspect
from collections.abc import Collection, Mapping
from contextvars import ContextVar, Token
from typing import Any

from tachograph.collect import finding
from tachograph.collect.arguments import Hasher
from tachograph.collect.execution import Execution, Unit
from tachograph.collect.finding import FACTS, LookUp, Path, Roots, with_result
from tachograph.guard import harmless, tell_once
from tachograph.semantics import outcome

_running: ContextVar["Call | None"] = ContextVar("tachograph_running_call", default=None)


class Call(Execution):
    """An execution that remembers its call, for facts that are known only at its end."""

    def __init__(self, reader: "Reader", name: str, facts: Mapping[str, Any], look_up: LookUp, instance: Any) -> None:
        super().__init__(reader.unit, name, facts)
        self._reader = reader
        self._around: Token[Call | None] | None = None
        self.look_up = look_up
        self.instance = instance

    def enter(self) -> None:
        super().enter()
        self._around = _running.set(self)

    def leave(self) -> None:
        if self._around is not None:
            around, self._around = self._around, None
            _reset(around)
        super().leave()

    def is_of(self, reader: "Reader", instance: Any) -> bool:
        """Whether a call of `reader` on `instance` is this very call, handed on to a base class."""
        mine = (self._reader.unit.role, self._reader.function_name)
        return instance is not None and instance is self.instance and mine == (reader.unit.role, reader.function_name)

    def stop(self, error: BaseException | None = None) -> None:
        if error is not None:
            self._reader.explain(self, error)
        super().stop(error)


class Reader:
    """Reads the facts about each call of one wrapped function."""

    def __init__(
        self, unit: Unit, paths: Mapping[str, Path], roots: Roots, function_name: str, hashed: Hasher | None = None
    ) -> None:
        self.unit = unit
        self.function_name = function_name
        self._paths = paths
        self._roots = roots
        self._hashed = None if finding.CALL_HASH in paths else hashed  # what the user says counts

    def begin(self, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Execution | None:
        """The execution of one call; None where the same call is only handed on, as by `super().run()`."""
        running = _running.get()
        if running is not None and running.is_of(self, instance):
            return None
        look_up = self._roots.of(instance, args, kwargs)
        name = self._name(instance, look_up) or self.function_name
        call = Call(self, name, self._known_at_start(look_up) or {}, look_up, instance)
        call.call_hash = self._hashed and self._hashed(name, instance, args, kwargs)
        return call

    @harmless
    def finish(self, execution: Execution, result: Any) -> None:
        assert isinstance(execution, Call)  # noqa: S101  (begin made it)
        look_up = with_result(execution.look_up, result)
        execution.set(self._known_at_end(look_up) or {})
        self._judge(execution, look_up)

    @harmless
    def explain(self, execution: Execution, error: BaseException) -> None:
        """What an exception means beyond its type; tokens that were spent before it count."""
        assert isinstance(execution, Call)  # noqa: S101
        execution.set(self._known_at_end(execution.look_up) or {})
        if self.unit.role == "dependencies" and _is_circular(error):
            execution.outcome("error", "circular_dependency")

    @harmless
    def _name(self, instance: Any, look_up: LookUp) -> str | None:
        if finding.NAME in self._paths:
            value = self._value(finding.NAME, look_up)
            return None if value is None else finding.text(value)
        if instance is None or inspect.isclass(instance):
            return None
        named = getattr(instance, "name", None)
        return named if isinstance(named, str) and named else type(instance).__name__

    @harmless
    def _known_at_start(self, look_up: LookUp) -> dict[str, Any]:
        facts = {key for key, path in self._paths.items() if path.root != finding.RESULT}
        attributes = self._attributes({key for key in facts if key in FACTS and not FACTS[key].at_end}, look_up)
        version = self._value(finding.VERSION, look_up) if finding.VERSION in facts else None
        if version is not None and self.unit.version_as:
            attributes[self.unit.version_as] = str(version)
        return attributes

    @harmless
    def _known_at_end(self, look_up: LookUp) -> dict[str, Any]:
        late = {key for key, path in self._paths.items() if key in FACTS and _is_late(key, path)}
        return self._attributes(late, look_up)

    def _attributes(self, keys: Collection[str], look_up: LookUp) -> dict[str, Any]:
        found = {key: self._converted(key, self._value(key, look_up)) for key in keys}
        return {FACTS[key].attribute: value for key, value in found.items() if value is not None}

    def _converted(self, key: str, value: Any) -> Any:
        try:
            return None if value is None else FACTS[key].convert(value)
        except (TypeError, ValueError):
            tell_once(f"{key} of {self.function_name}", f"{key} of {self.function_name} cannot be {value!r}")
            return None

    def _value(self, key: str, look_up: LookUp) -> Any:
        return self._paths[key].follow(look_up) if key in self._paths else None

    def _judge(self, execution: Execution, look_up: LookUp) -> None:
        named = self._value(finding.OUTCOME, look_up)
        success = self._value(finding.SUCCESS, look_up)
        error = self._value(finding.ERROR, look_up)
        if named is not None:
            execution.outcome(finding.lower(named), None if error is None else str(error))
        elif success is not None:
            ended = outcome.SUCCESS if success else outcome.FAILURE
            execution.outcome(ended, str(error) if error and not success else None)


def _is_late(key: str, path: Path) -> bool:
    return FACTS[key].at_end or path.root == finding.RESULT


def _is_circular(error: BaseException) -> bool:
    name = type(error).__name__.lower()
    return "cycl" in name or "circular" in name


@harmless
def _reset(token: Token[Call | None]) -> None:
    # An async generator may be closed in another context than it was advanced in.
    _running.reset(token)
