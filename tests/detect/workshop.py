"""A small workshop for tests of detectors: executions of a recipe as OTLP lines, each with its own luck."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from telemetry import hex_id, line, span

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
Facts = dict[str, Any]


@dataclass
class Execution:
    """One execution of the recipe `build` as it is told: spans are added in order, `at` is the clock, ns."""

    number: int
    chance: random.Random
    complexity: str
    at: int = 0
    spans: list[Facts] = field(default_factory=list)
    ids: int = 0
    failed: bool = False
    place: dict[str, Any] = field(default_factory=lambda: {"service.name": "app"})  # what its resource says

    def luck(self, sigma: float = 0.3) -> float:
        """A factor around 1."""
        return self.chance.lognormvariate(0, sigma)

    def add(self, facts: Facts, start: int, end: int, parent: int | None, *, ok: bool = True, **more: Any) -> int:
        """A span; its number."""
        self.ids += 1
        common = {"dev_agency.task.complexity": self.complexity, **facts}
        status = {} if ok else {"status": {"code": 2, "message": more.pop("message", "it failed")}}
        made = span(
            self.ids, common, parent=parent, trace=f"{self.number + 1:032x}", start=start, end=end, **status, **more
        )
        self.spans.append(made)
        return self.ids

    def reserve(self) -> int:
        """The number of a span that is added once it has ended."""
        self.ids += 1
        return self.ids

    def ended(self, number: int, facts: Facts, start: int, parent: int | None, *, ok: bool = True, **more: Any) -> None:
        """A reserved span that ends now."""
        before, self.ids = self.ids, number - 1
        self.add(facts, start, self.at, parent, ok=ok, **more)
        self.ids = before

    def agent(
        self,
        name: str,
        parent: int,
        inside: Callable[["Execution", int], None] | None = None,
        *,
        seconds: float = 2.0,
        ok: bool = True,
        facts: Facts | None = None,
        message: str = "it failed",
    ) -> None:
        """An agent that calls its model for `seconds` and does what `inside` says before."""
        number, start = self.reserve(), self.at
        if inside is not None:
            inside(self, number)
        self.model(number, seconds * self.luck())
        about = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, **(facts or {})}
        said = {} if ok else {"message": message}
        self.ended(number, about, start, parent, ok=ok, name=f"invoke_agent {name}", **said)

    def model(self, parent: int, seconds: float, tokens: int = 2_000, *, ok: bool = True, **facts: Any) -> None:
        """A model call."""
        about = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.usage.input_tokens": tokens,
            "gen_ai.usage.output_tokens": 300,
            **facts,
        }
        ok = ok and facts.get("http.response.status_code", 200) < 400
        self._for(seconds, about, parent, ok=ok)

    def tool(self, name: str, parent: int, seconds: float, *, ok: bool = True, **facts: Any) -> None:
        """A tool call."""
        self._for(seconds, {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, **facts}, parent, ok=ok)

    def context(self, parent: int, seconds: float) -> None:
        """Preparation of a context."""
        self._for(seconds, {"dev_agency.operation": "prepare_context"}, parent)

    def work(self, seconds: float) -> None:
        """Time of whoever is at work, without a span of its own."""
        self.at += int(seconds * SECOND)

    def _for(self, seconds: float, facts: Facts, parent: int, *, ok: bool = True) -> None:
        start, self.at = self.at, self.at + int(seconds * SECOND)
        self.add(facts, start, self.at, parent, ok=ok)

    def step(
        self, name: str, parent: int, inside: Callable[["Execution", int], None], *, ok: bool = True, **facts: Any
    ) -> None:
        """A step in which `inside` happens."""
        number, start = self.reserve(), self.at
        inside(self, number)
        about = {"dev_agency.step.name": name, **{f"dev_agency.{key}": value for key, value in facts.items()}}
        self.ended(number, about, start, parent, ok=ok, name=f"step {name}")


Story = Callable[[Execution, int], None]


def told(
    story: Story, executions: int = 150, *, apart: float = 600.0, seed: int = 7, first: int = 0, begin: float = 0.0
) -> list[bytes]:
    """OTLP lines of that many executions, `apart` seconds between their starts, numbered from `first`, the first of
    them `begin` seconds after the beginning of time."""
    lines = []
    for number in range(first, first + executions):
        chance, complexity = random.Random(f"{seed}/{number}"), ("simple", "medium", "complex")[number % 3]
        at = int((begin + (number - first) * apart) * SECOND)
        one = Execution(number, chance, complexity, at, ids=number * 1_000)
        root, start = one.reserve(), one.at
        story(one, root)
        facts = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "build"}
        one.ended(root, facts, start, None, ok=not one.failed, name="invoke_workflow build")
        assert one.spans[-1]["spanId"] == hex_id(root)
        lines.append(line(*one.spans, resource=one.place))
    return lines
