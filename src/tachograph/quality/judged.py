"""What a reviewer says, and what makes a callable a reviewer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tachograph.quality.bench import Bench
from tachograph.records import Observation


@dataclass(frozen=True, slots=True)
class Judgement:
    """A score (0-10) or the reason why there is none; what it rests on; what to do about it.

    `summary` is a few words for people.
    """

    score: float | None
    summary: str
    observations: Sequence[Observation] = ()
    suggestions: Sequence[str] = ()


class Reviewer(Protocol):
    """A callable that looks at what lies on the bench and judges one dimension of it.

    `dimension` is one of the four, `version` changes whenever the same code may get another score, `languages` are
    those that it can judge. Others' reviewers come by the entry point group `tachograph_reviewers`.
    """

    @property
    def dimension(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def languages(self) -> tuple[str, ...]: ...

    def __call__(self, bench: Bench) -> Judgement: ...


@dataclass(frozen=True, slots=True)
class Declared:
    """A function with what it declares; see `reviewer`."""

    function: Callable[[Bench], Judgement]
    dimension: str
    version: str
    languages: tuple[str, ...]

    def __call__(self, bench: Bench) -> Judgement:
        return self.function(bench)


def reviewer(
    dimension: str, version: str, languages: tuple[str, ...] = ("python",)
) -> Callable[[Callable[[Bench], Judgement]], Declared]:
    """Make a reviewer out of a function."""

    def declare(function: Callable[[Bench], Judgement]) -> Declared:
        return Declared(function, dimension, version, languages)

    return declare


@dataclass(slots=True)
class Parts:
    """Parts of one dimension with their weights; what could not be measured is left out of the mean."""

    parts: list[tuple[float, float]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def add(self, weight: float, score: float | None, said: str = "") -> None:
        if said:
            self.said.append(said)
        if score is not None:
            self.parts.append((weight, score))

    @property
    def mean(self) -> float | None:
        weights = sum(weight for weight, _ in self.parts)
        return sum(weight * score for weight, score in self.parts) / weights if weights else None


def falling(amount: float, half: float) -> float:
    """10 for nothing, 5 where `amount` reaches `half`, and strictly less for more: 10 / (1 + amount / half)."""
    return 10 / (1 + amount / half)


def plural(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def as_observation(dimension: str, message: str, **rest: Any) -> Observation:
    """An observation whose message is one line of bounded length."""
    line = " ".join(message.split())
    return Observation(dimension, line if len(line) <= 300 else line[:299] + "…", **rest)
