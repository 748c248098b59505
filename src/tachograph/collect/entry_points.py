"""Entry points named in settings: any function becomes a unit of the vocabulary without a change to its code."""

import fnmatch
import inspect
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import wrapt
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]

from tachograph import settings
from tachograph.collect import finding
from tachograph.collect.calls import Wrapped, around
from tachograph.collect.execution import UNITS, Execution
from tachograph.collect.finding import FACTS, LookUp, Path, Roots, with_result
from tachograph.guard import harmless, tell_once
from tachograph.semantics import outcome


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """`role: module:qualname` with paths to the facts about a call; `qualname` may hold `*`."""

    role: str
    module: str
    qualname: str
    facts: Mapping[str, Path] = field(default_factory=dict)


def parse(spec: str | Mapping[str, Any]) -> EntryPoint:
    """An entry point from `agent: myapp.agents:*.run name=self.name` or a table with the same keys.

    Raises ValueError with one line that says what is wrong.
    """
    if isinstance(spec, str):
        return _parse_text(spec)
    if not isinstance(spec, Mapping):
        raise ValueError(f"entry point {spec!r} is neither text nor a table")
    facts = {key: str(value) for key, value in spec.items() if key not in ("role", "target")}
    return _checked(str(spec.get("role", "")), str(spec.get("target", "")), facts)


def _parse_text(spec: str) -> EntryPoint:
    role, _, rest = spec.partition(":")
    target, *options = rest.split() or [""]
    pairs = [option.partition("=") for option in options]
    return _checked(role.strip(), target, {key: path for key, _, path in pairs})


def _checked(role: str, target: str, facts: dict[str, str]) -> EntryPoint:
    module, colon, qualname = target.partition(":")
    if role not in UNITS:
        raise ValueError(f"entry point role {role!r} is none of {', '.join(UNITS)}")
    if not (module and colon and qualname):
        raise ValueError(f"entry point target {target!r} is not of the form module:function or module:Class.method")
    unknown = facts.keys() - FACTS.keys() - finding.SPECIAL
    if unknown:
        known = ", ".join(sorted({*FACTS, *finding.SPECIAL}))
        raise ValueError(f"entry point fact {min(unknown)!r} is none of {known}")
    return EntryPoint(role, module, qualname, {key: Path.parse(path) for key, path in facts.items()})


class EntryPointInstrumentor(BaseInstrumentor):
    """Wraps the entry points of the settings as soon as their modules are imported."""

    def instrumentation_dependencies(self) -> Collection[str]:
        return []

    @harmless
    def _instrument(self, **_: Any) -> None:
        for spec in settings.load().entry_points:
            _install(spec)

    def _uninstrument(self, **_: Any) -> None:
        """Wrapped functions stay wrapped; without a tracer provider they cost next to nothing."""


def _install(spec: str | dict[str, Any]) -> None:
    try:
        entry_point = parse(spec)
    except ValueError as error:
        tell_once(str(spec), f"{error}; it is left out")
        return
    wrapt.register_post_import_hook(lambda module: wrap_module(entry_point, module), entry_point.module)


@harmless
def wrap_module(entry_point: EntryPoint, module: ModuleType) -> None:
    """Wrap every function of an imported module that the entry point names."""
    matches = list(_matches(entry_point.qualname, module))
    for owner, name, function in matches:
        setattr(owner, name, _wrapped(entry_point, function))
    if not matches:
        target = f"{entry_point.module}:{entry_point.qualname}"
        tell_once(target, f"entry point {target} names nothing in that module; it is left out")


def _matches(qualname: str, module: ModuleType) -> Iterator[tuple[Any, str, Any]]:
    *owners, pattern = qualname.split(".")
    for owner in _owners(owners, module):
        for name, value in list(vars(owner).items()):
            if fnmatch.fnmatchcase(name, pattern) and _is_wrappable(name, value, pattern, module):
                yield owner, name, value


def _owners(patterns: list[str], module: ModuleType) -> list[Any]:
    owners: list[Any] = [module]
    for pattern in patterns:
        inside = [
            value for owner in owners for name, value in vars(owner).items() if fnmatch.fnmatchcase(name, pattern)
        ]
        owners = [value for value in inside if inspect.isclass(value) and _belongs(value, module)]
    return list(dict.fromkeys(owners))


def _is_wrappable(name: str, value: Any, pattern: str, module: ModuleType) -> bool:
    if isinstance(value, Wrapped):
        return False
    function = getattr(value, "__func__", value)
    if not inspect.isroutine(function):
        return False
    # A pattern is for what a module itself offers; a plain name is taken at its word.
    return name == pattern or (not name.startswith("_") and _belongs(function, module))


def _belongs(value: Any, module: ModuleType) -> bool:
    home = getattr(value, "__module__", None) or ""
    return home == module.__name__ or home.startswith(module.__name__ + ".")


def _wrapped(entry_point: EntryPoint, function: Any) -> Wrapped:
    roots = Roots(getattr(function, "__func__", function))
    reader = _Reader(entry_point, roots, getattr(function, "__name__", entry_point.qualname))

    def begin(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Execution:
        return reader.begin(instance, args, kwargs)

    return around(function, begin, reader.finish)


class _Call(Execution):
    """An execution that remembers its arguments, for facts that are known only at its end."""

    def __init__(self, reader: "_Reader", name: str, attributes: Mapping[str, Any], look_up: LookUp) -> None:
        super().__init__(reader.unit, name, attributes)
        self._reader = reader
        self.look_up = look_up

    def stop(self, error: BaseException | None = None) -> None:
        if error is not None:
            self._reader.explain(self, error)
        super().stop(error)


class _Reader:
    """Reads the facts about each call of one wrapped function."""

    def __init__(self, entry_point: EntryPoint, roots: Roots, function_name: str) -> None:
        self.unit = UNITS[entry_point.role]
        self._paths = entry_point.facts
        self._roots = roots
        self._function_name = function_name

    def begin(self, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Execution:
        look_up = self._roots.of(instance, args, kwargs)
        name = self._name(instance, look_up) or self._function_name
        return _Call(self, name, self._known_at_start(look_up) or {}, look_up)

    @harmless
    def finish(self, execution: Execution, result: Any) -> None:
        assert isinstance(execution, _Call)  # noqa: S101  (begin made it)
        look_up = with_result(execution.look_up, result)
        execution.set(self._known_at_end(look_up) or {})
        self._judge(execution, look_up)

    @harmless
    def explain(self, execution: Execution, error: BaseException) -> None:
        """What an exception means beyond its type; tokens that were spent before it count."""
        assert isinstance(execution, _Call)  # noqa: S101
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
            tell_once(f"{key} of {self._function_name}", f"{key} of {self._function_name} cannot be {value!r}")
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
