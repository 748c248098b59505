"""Stories of what agents call: contexts that are too large, models that answer badly or were changed, tools that fail
for everybody; and what looks like it and is none."""

from stories import Case
from workshop import Execution, Story

_DAY_NS = 86_400_000_000_000
_DAYS = 14  # of a story whose executions begin two hours apart
_TWO_HOURS = 7_200.0


def _handed(limit: float, message: str) -> Story:
    """A coder whose contexts vary as they like, and who fails with what is above a limit."""

    def story(one: Execution, root: int) -> None:
        size = int(one.chance.choice([8_000, 12_000, 20_000, 60_000]) * one.luck(0.1))
        one.failed = one.chance.random() < (0.5 if size > limit else 0.02)
        facts = {"dev_agency.context.size": size}
        one.step("code", root, lambda one, at: one.agent("coder", at, facts=facts, ok=not one.failed, message=message))
        one.step("check", root, lambda one, at: one.agent("tester", at, ok=one.chance.random() > 0.1))

    return story


def _unusable_answers(one: Execution, root: int) -> None:
    """Now and then a model answers what cannot be parsed, two to four times in a row."""

    def work(one: Execution, agent: int) -> None:
        for _ in range(one.chance.randint(2, 4) if one.chance.random() < 0.5 else 0):
            one.model(agent, one.luck(), ok=False)

    one.step("code", root, lambda one, at: one.agent("coder", at, work, seconds=4.0))


def _slower_model(one: Execution, root: int) -> None:
    """Half-way another model takes the place of the first, and half as long again for each answer, among tools that
    take what they like."""
    is_new = one.at >= _DAYS * _DAY_NS // 2

    def work(one: Execution, agent: int) -> None:
        for _ in range(3):
            facts = {"gen_ai.request.model": "m-2" if is_new else "m-1"}
            one.model(agent, (3.0 if is_new else 2.0) * one.luck(0.2), **facts)
            one.tool("dig", agent, 6.0 * one.luck(1.8))

    one.step("code", root, lambda one, at: one.agent("coder", at, work, seconds=0.1))


def _fails_for_all(one: Execution, root: int) -> None:
    """Of two tools one cannot reach what it asks, whoever calls it, and that is the end of the work."""
    name = one.chance.choice(["ann", "bob", "cay"])
    lost = one.chance.random() < 0.25

    def work(one: Execution, agent: int) -> None:
        one.tool("edit", agent, one.luck())
        if lost or one.chance.random() < 0.6:
            one.tool("search", agent, one.luck(), ok=not lost, **({"error.type": "unreachable"} if lost else {}))

    one.failed = lost or one.chance.random() < 0.04
    one.step("code", root, lambda one, at: one.agent(name, at, work, ok=not one.failed, message="host unreachable"))


def _not_allowed(one: Execution, root: int) -> None:
    """Two of six people lack a permission, whoever works for them."""
    user, name = one.chance.choice(["u1", "u2", "u3", "u4", "u5", "u6"]), one.chance.choice(["ann", "bob", "cay"])
    is_refused = user in {"u2", "u5"} and one.chance.random() < 0.5
    one.failed = is_refused or one.chance.random() < 0.1
    message = "missing scope repo:write" if is_refused else "the task was misread"
    facts = {"user.id": user}
    one.step("code", root, lambda one, at: one.agent(name, at, ok=not one.failed, message=message, facts=facts))


def _far_away(one: Execution, root: int) -> None:
    """A third of the executions run in a region in which everything takes twice as long."""
    is_far = one.chance.random() < 0.33
    one.place = {"service.name": "app", "cloud.region": "far" if is_far else "near"}
    one.step("code", root, lambda one, at: one.agent("coder", at, seconds=4.0 if is_far else 2.0))


def _alone_at_it(one: Execution, root: int) -> None:
    """One agent drafts letters and contracts, and cannot do contracts; who files them can."""
    facts = {"dev_agency.task.class": one.chance.choice(["legal", "letter"])}
    one.failed = one.chance.random() < (0.5 if facts["dev_agency.task.class"] == "legal" else 0.05)
    one.step("draft", root, lambda one, at: one.agent("writer", at, ok=not one.failed, facts=facts))
    one.step("file", root, lambda one, at: one.agent("clerk", at, facts=facts))


def _slower_and_looping(one: Execution, root: int) -> None:
    """A version takes three times as long; that its agent loops a little, too, is the smaller part of the matter."""
    is_new = one.at >= _DAYS * _DAY_NS // 2

    def work(one: Execution, agent: int) -> None:
        one.work(6.0 * (3 if is_new else 1) * one.luck())
        for _ in range(3 if one.chance.random() < 0.4 else 1):
            one.tool("ask", agent, 0.7 * one.luck(), **{"gen_ai.tool.call.arguments": str(one.number)})

    facts = {"gen_ai.agent.version": "2" if is_new else "1"}
    one.step("code", root, lambda one, at: one.agent("coder", at, work, seconds=0.1, facts=facts))


class _Places:
    """One place for all: who comes waits before the call begins, of which nothing is told, and then takes its time."""

    def __init__(self) -> None:
        self.free_at = 0

    def __call__(self, one: Execution, root: int) -> None:
        """Five that take longer than the next one is away, five that do not."""
        if one.number == 0:
            self.free_at = 0

        def work(one: Execution, agent: int) -> None:
            one.model(agent, 0.5 * one.luck())
            one.work(max(0, self.free_at - one.at) / 1e9)
            one.tool("deploy", agent, (40.0 if one.number % 10 < 5 else 8.0) * one.luck(0.2))
            self.free_at = one.at

        one.step("ship", root, lambda one, at: one.agent("ops", at, work, seconds=0.2))


OF_CALLS = (
    Case("resource_contention", _Places(), ("deploy",), 30.0),
    Case("oversized_context", _handed(40_000, "left out half of the task"), ("coder",)),
    Case("oversized_context", _handed(40_000, "prompt is too long: 60000 tokens > 40000 maximum"), ("coder",)),
    Case("retry_loop", _unusable_answers, ("coder",)),
    Case("regression", _slower_model, ("m-2",), _TWO_HOURS),
    Case("error_pattern", _fails_for_all, ("search",)),
    Case("error_pattern", _not_allowed, ("u2", "u5")),
    Case("attribute_difference", _far_away, ("far",)),
    Case("missing_specialist", _alone_at_it, ("legal",)),
    Case("regression", _slower_and_looping, ("coder",), _TWO_HOURS),
)


def _answers_late_under_pressure(one: Execution, root: int) -> None:
    """In busy hours models answer late, and the host has much to do; what runs on it takes no longer."""
    busy = one.chance.random()

    def work(one: Execution, agent: int) -> None:
        one.tool("edit", agent, one.luck(), **{"host.cpu.pressure": busy})

    facts = {"host.cpu.pressure": busy}
    one.step("code", root, lambda one, at: one.agent("ann", at, work, seconds=2.0 * (1 + 2 * busy), facts=facts))


def _laid_out_twice(one: Execution, root: int) -> None:
    """A recipe without steps whose agent begins, and ends what another one does between, unless that fails."""
    one.agent("ops", root)
    one.failed = one.chance.random() < 0.2
    one.agent("planner", root, ok=not one.failed)
    if not one.failed:
        one.agent("ops", root)


def _thorough(one: Execution, root: int) -> None:
    """Who takes half as long again, and fails less often for it."""
    name = one.chance.choice(["quick", "careful"])
    one.failed = one.chance.random() < (0.15 if name == "quick" else 0.0)
    seconds = 3.0 if name == "careful" else 2.0
    one.step("code", root, lambda one, at: one.agent(name, at, seconds=seconds, ok=not one.failed))


def _tools_that_are_slow(one: Execution, root: int) -> None:
    """Tools beyond a network that have more to do than those here."""

    def work(one: Execution, agent: int) -> None:
        one.tool("edit", agent, 0.2 * one.luck())
        one.tool("deploy", agent, 6.0 * one.luck(), **{"server.address": "cluster.example"})

    one.step("ship", root, lambda one, at: one.agent("ops", at, work))


def _asks_whether_it_is_done(one: Execution, root: int) -> None:
    """A program that asks every three seconds, with the same arguments each time."""

    def work(one: Execution, agent: int) -> None:
        one.model(agent, one.luck())
        for _ in range(one.chance.randint(1, 8)):
            one.work(3.0)
            one.tool("status", agent, 0.3 * one.luck(), **{"gen_ai.tool.call.arguments": f"build {one.number}"})

    one.step("ship", root, lambda one, at: one.agent("ops", at, work))


CALM_CALLS = (_asks_whether_it_is_done, _answers_late_under_pressure, _laid_out_twice, _tools_that_are_slow)
THOROUGH = _thorough
