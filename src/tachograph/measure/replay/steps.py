"""One step of one recorded execution."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution of an agent inside a step, ns after the recipe's start.

    `tokens` are uncached input tokens, `context` the size of the context in tokens, None where unknown; `model_ns`
    the time in model calls, `context_ns` that of preparing the context.
    """

    agent: str
    start: int
    end: int
    ok: bool
    tokens: int = 0
    context: int | None = None
    model_ns: int = 0
    context_ns: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it was recorded, ns after the recipe's start (by its own clock, so it may be below zero).

    `after` are the names of the steps that it says it waits for, None where it does not say. `links` are span ids that
    it points back to. `cpu` is how many processors it kept busy, `cores` how many the host has; None where unknown.
    A step that was tried again is several of these.
    """

    name: str
    start: int
    end: int
    ok: bool = True
    skipped: bool = False
    after: tuple[str, ...] | None = None
    span_id: str = ""
    links: tuple[str, ...] = ()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    attempts: tuple[Attempt, ...] = ()
    waiting_ns: int = 0  # for models and refused calls, which take nothing of this host
    cpu: float | None = None
    cores: float | None = None
    cpu_pressure: float | None = None
