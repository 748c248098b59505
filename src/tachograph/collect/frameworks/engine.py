"""Puts units of the vocabulary around what frameworks call their own: each framework declares, this wraps."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from tachograph.collect import targets
from tachograph.collect.calls import Wrapped, around
from tachograph.collect.finding import LookUp, Roots
from tachograph.collect.frameworks import others, shapes
from tachograph.collect.frameworks.declaring import Block, Bracket, Call, Framework, Made, Note, Shape, Unit
from tachograph.collect.frameworks.running import Running, is_same, nearest
from tachograph.guard import harmless, tell_once
from tachograph.semantics import retold


@harmless
def install(framework: Framework) -> None:
    """Wrap everything that the declaration names; what is missing costs one warning and nothing else."""
    missing = [target.where for target in framework.targets if not _install(framework, target)]
    present = [target for target in framework.targets if isinstance(target, Unit) and target.where not in missing]
    retold.cover(framework.others, [role for target in present for role in target.roles])
    if missing:
        tell_once(
            framework.name,
            f"{framework.name} {framework.version()} has no {', no '.join(missing)}: what happens there is not "
            "recorded; the rest is",
        )


def _install(framework: Framework, target: Unit | Note) -> bool:
    try:
        return bool(_wrap(framework, target))
    except Exception as error:  # another framework's code runs when its modules are imported
        tell_once(target.where, f"{framework.name}: {target.where} cannot be wrapped: {error!r}")
        return True


def _wrap(framework: Framework, target: Unit | Note) -> int:
    found = 0
    for place in target.where.split(" | "):  # other versions have it elsewhere
        module_name, _, qualname = place.partition(":")
        module = _imported(module_name)
        held = targets.functions(qualname, module) if module else []
        for one in held:
            _replace(framework, target, one.name, _home(one.owner, one.name))
            if target.overridden:
                _follow_overrides(one.owner, partial(_replace, framework, target, one.name))
        found += len(held)
    return found


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _home(owner: Any, name: str) -> Any:
    """The class in which a method stands that a class only inherits."""
    return next((one for one in getattr(owner, "__mro__", ()) if name in vars(one)), owner)


def _replace(framework: Framework, target: Unit | Note, name: str, owner: Any) -> None:
    function = vars(owner).get(name)
    plain = getattr(function, "__func__", function)
    if function is None or isinstance(function, Wrapped) or getattr(plain, "__isabstractmethod__", False):
        return
    roots = Roots(plain)
    if isinstance(target, Note):
        setattr(owner, name, _noting(target, function, roots))
    elif isinstance(target.shape, Bracket):
        _replace_both(target.shape.until, owner, name, function, _beginner(framework, target, roots))
    elif isinstance(target.shape, Made):
        setattr(owner, name, shapes.made(function, partial(_inner_beginner, framework, target), _finish))
    else:
        setattr(owner, name, _wrapped(target.shape, function, _beginner(framework, target, roots)))


def _wrapped(shape: Shape, function: Any, begin: shapes.Begin) -> Wrapped:
    if isinstance(shape, Block):
        return shapes.block(function, harmless(begin), _finish, is_around=shape.is_around)
    return around(function, begin, _finish)


def _replace_both(until: str, owner: Any, name: str, function: Any, begin: shapes.Begin) -> None:
    opening, closing = shapes.bracket(function, vars(owner)[until], harmless(begin), _finish)
    setattr(owner, name, opening)
    setattr(owner, until, closing)


def _inner_beginner(framework: Framework, target: Unit, inner: Any, made_with: LookUp) -> shapes.Begin:
    return _beginner(framework, target, Roots(inner), made_with)


def _beginner(framework: Framework, target: Unit, roots: Roots, made_with: LookUp | None = None) -> shapes.Begin:
    def begin(instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Running | None:
        given = roots.of(instance, args, kwargs)
        call = Call(instance, _either(given, made_with) if made_with else given, {})
        role = target.role(call) if callable(target.role) else target.role
        if role is None or others.tell(target, role, call):
            return None
        name = target.name(call)
        key = target.key if isinstance(target.key, str) else target.key(call)
        if name is None or is_same(framework.name, role, name, key):
            return None
        return Running(framework.name, target, call, role, name, key)

    return begin


def _either(given: LookUp, made_with: LookUp) -> LookUp:
    def look_up(name: str) -> Any:
        found = given(name)
        return made_with(name) if found is None else found

    return look_up


@harmless
def _finish(execution: Any, result: Any) -> None:
    execution.learn(execution.target.end(execution.call, result))


def _noting(target: Note, function: Any, roots: Roots) -> Any:
    """The function as it is; what its call or result says of the unit around it is noted there."""

    @harmless
    def note(instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        around_it = nearest(target.of or None)
        if around_it is not None:
            around_it.learn(target.says(Call(instance, roots.of(instance, args, kwargs), {}), around_it))

    def call(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        note(instance, args, kwargs)
        return wrapped(*args, **kwargs)

    return Wrapped(function, call)


def _follow_overrides(base: type[Any], act: Callable[[type[Any]], None]) -> None:
    """`act` on every class below `base`, those that are yet to be made too."""
    _each_below(base, act)
    plain = vars(base).get("__init_subclass__")

    def init_subclass(cls: type[Any], /, **kwargs: Any) -> None:
        given = super(base, cls).__init_subclass__ if plain is None else plain.__get__(None, cls)
        given(**kwargs)
        harmless(act)(cls)

    setattr(base, "__init_subclass__", classmethod(init_subclass))  # noqa: B010  (a class's own way to say it is stricter)


def _each_below(owner: type[Any], act: Callable[[type[Any]], None]) -> None:
    below: list[type[Any]] = type.__subclasses__(owner)
    for one in below:
        act(one)
        _each_below(one, act)
