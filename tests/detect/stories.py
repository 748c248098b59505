"""For each cause a story in which it is the matter, and the names of which the finding must begin with one."""

from collections.abc import Callable
from dataclasses import dataclass

from workshop import Execution, Story


@dataclass(frozen=True)
class Case:
    """A cause, the story with it, the components that may come first, and the seconds between executions."""

    cause: str
    story: Story
    first: tuple[str, ...]
    apart: float = 600.0


def plain(one: Execution, root: int) -> None:
    """Three steps, each by an agent of its own, among three agents that could: nothing is wrong."""
    for step in ("plan", "code", "check"):
        one.step(step, root, _by_any)


def _by_any(one: Execution, step: int) -> None:
    one.agent(one.chance.choice(["ann", "bob", "cay"]), step, _prepare, facts={"dev_agency.task.class": "feature"})


def _prepare(one: Execution, agent: int) -> None:
    one.context(agent, 0.2 * one.luck())


def _with(inside: dict[str, Callable[[Execution, int], None]]) -> Story:
    """Three steps by three agents, of which some do something more."""

    def story(one: Execution, root: int) -> None:
        for step, agent in (("plan", "ann"), ("code", "bob"), ("check", "cay")):
            more = inside.get(agent)

            def work(one: Execution, number: int, agent: str = agent, more: Story | None = more) -> None:
                one.agent(agent, number, lambda one, at: (_prepare(one, at), more(one, at) if more else None)[0])

            one.step(step, root, work)

    return story


def _reads_everything(one: Execution, agent: int) -> None:
    tokens = 60_000 if one.chance.random() < 0.4 else int(3_000 * one.luck())
    one.model(agent, tokens * 0.0001 * one.luck(0.1) + 0.5, tokens)


def _reads(one: Execution, agent: int) -> None:
    tokens = int(3_000 * one.luck())
    one.model(agent, tokens * 0.0001 * one.luck(0.1) + 0.5, tokens)


def _indexes(one: Execution, agent: int) -> None:
    one.context(agent, 3.0 * one.luck())


def _reads_again(one: Execution, agent: int) -> None:
    for turn in range(3):
        for file in "abc":
            one.tool("read_file", agent, 0.4, **{"dev_agency.call.hash": file})
        one.model(agent, 0.2, 2_000 + turn)


def _loops(one: Execution, agent: int) -> None:
    if one.chance.random() < 0.5:
        for _ in range(6):
            one.tool("run_tests", agent, 0.5, ok=False, **{"dev_agency.call.hash": "same"})
            one.model(agent, 0.3)


def _refused(one: Execution, agent: int) -> None:
    if one.chance.random() < 0.6:
        one.model(agent, 0.3, **{"http.response.status_code": 429, "server.address": "api.example"})
        one.at += int(3e9)
        one.model(agent, 0.5, **{"http.response.status_code": 200, "server.address": "api.example"})


def _pressed(kind: str) -> Story:
    def story(one: Execution, root: int) -> None:
        pressure = one.chance.random()

        def work(one: Execution, step: int) -> None:
            facts = {f"host.{kind}.pressure": pressure}
            one.agent("ann", step, lambda one, _: one.work(4.0 * (1 + 2 * pressure) * one.luck()), facts=facts)

        one.step("code", root, work)

    return story


def _wrong(one: Execution, root: int) -> None:
    agent = one.chance.choice(["ann", "bob"])
    fails = one.chance.random() < (0.6 if agent == "bob" else 0.1)
    one.failed = fails
    one.step("code", root, lambda one, at: one.agent(agent, at, ok=not fails, facts={"dev_agency.task.class": "port"}))


def _underused(one: Execution, root: int) -> None:
    agent = one.chance.choices(["ann", "bob", "cay"], [12, 44, 44])[0]
    fails = one.chance.random() < (0.02 if agent == "ann" else 0.5)
    one.failed = fails
    one.step("code", root, lambda one, at: one.agent(agent, at, ok=not fails, facts={"dev_agency.task.class": "port"}))


def _nobody(one: Execution, root: int) -> None:
    for step, task, odds in (("easy", "docs", 0.05), ("hard", "legal", 0.6)):
        agent, fails = one.chance.choice(["ann", "bob"]), one.chance.random() < odds
        one.failed |= fails
        facts = {"dev_agency.task.class": task}
        one.step(step, root, lambda one, at, a=agent, f=fails, x=facts: one.agent(a, at, ok=not f, facts=x))  # type: ignore[misc]


def _handed_back(one: Execution, root: int) -> None:
    rounds = 3 if one.chance.random() < 0.5 else 1

    def work(one: Execution, step: int) -> None:
        for _ in range(rounds):
            one.agent("writer", step)
            one.agent("critic", step, seconds=1.0)

    one.step("draft", root, work)


def _late_check(one: Execution, root: int) -> None:
    fails = one.chance.random() < 0.5
    one.failed = fails
    declared = {"plan": [], "code": ["plan"], "check": ["plan"]}
    for step, seconds in (("plan", 1.0), ("code", 6.0), ("check", 0.5)):

        def work(one: Execution, at: int, seconds: float = seconds) -> None:
            one.tool("work", at, seconds * one.luck())

        facts = {"step.depends_on": declared[step], "artifact.written": [step], "artifact.read": declared[step]}
        one.step(step, root, work, ok=not (fails and step == "check"), **facts)


def _serial(one: Execution, root: int) -> None:
    declared = {"plan": [], "code": ["plan"], "docs": ["plan", "code"]}
    needed = {"plan": [], "code": ["plan"], "docs": ["plan"]}
    for step, seconds in (("plan", 1.0), ("code", 4.0), ("docs", 4.0)):

        def work(one: Execution, at: int, seconds: float = seconds) -> None:
            one.tool("work", at, seconds * one.luck())

        facts = {"step.depends_on": declared[step], "artifact.written": [step], "artifact.read": needed[step]}
        one.step(step, root, work, **facts)


def _long_last(one: Execution, root: int) -> None:
    """Two places for four steps that need only the first; what takes longest is listed last."""
    free = [one.at, one.at]
    for step, seconds in (("plan", 1.0), ("lint", 3.0), ("docs", 3.0), ("types", 3.0), ("code", 12.0)):

        def work(one: Execution, at: int, seconds: float = seconds) -> None:
            one.tool("work", at, seconds * one.luck(0.2))

        one.at = min(free)
        declared = [] if step == "plan" else ["plan"]
        facts = {"step.depends_on": declared, "artifact.written": [step], "artifact.read": declared}
        one.step(step, root, work, **facts)
        free = [one.at, one.at] if step == "plan" else [one.at, max(free)]
    one.at = max(free)


class Lock:
    """One at a time: who comes waits for who came before, some of the time for long."""

    def __init__(self) -> None:
        self.free_at = 0

    def __call__(self, one: Execution, root: int) -> None:
        """Five deployments that take longer than the next one is away, five that do not."""
        if one.number == 0:
            self.free_at = 0
        wait = max(0, self.free_at - one.at) / 1e9
        took = (40.0 if one.number % 10 < 5 else 8.0) * one.luck(0.2)
        one.step("deploy", root, lambda one, at: one.tool("deploy", at, wait + took))
        self.free_at = one.at


CASES = (
    Case("oversized_context", _with({"ann": _reads, "bob": _reads_everything, "cay": _reads}), ("bob",)),
    Case("slow_context_preparation", _with({"bob": _indexes}), ("bob",)),
    Case("redundant_context", _with({"bob": _reads_again}), ("bob",)),
    Case("retry_loop", _with({"bob": _loops}), ("bob",)),
    Case("network_latency", _with({"bob": _refused}), ("bob", "api.example")),
    Case("cpu_pressure", _pressed("cpu"), ("ann",)),
    Case("memory_pressure", _pressed("memory"), ("ann",)),
    Case("wrong_agent", _wrong, ("bob",)),
    Case("underutilised_agent", _underused, ("port",)),
    Case("missing_specialist", _nobody, ("legal",)),
    Case("agent_sequence", _handed_back, ("build/draft",)),
    Case("step_order", _late_check, ("build",)),
    Case("step_order", _long_last, ("build",)),
    Case("unnecessary_sequential_dependency", _serial, ("build",)),
    Case("resource_contention", Lock(), ("deploy", "build/deploy"), 25.0),
)
