"""An agent at work: context first, then turns of model and tools, each with what may go wrong in it."""

import math
import random
from typing import Any

from detection import spans as name
from detection.agency import Agent, Release, Step
from detection.arrivals import Run
from detection.chance import Chance, spread
from detection.spans import Span
from detection.world import Work, World, digest


def invoke(
    world: World,
    run: Run,
    step: Step,
    parent: Span,
    agent: Agent,
    key: tuple[Any, ...],
    size: float = 1.0,
    sure: bool = False,
) -> Work:
    """One execution of an agent; true where it succeeded (`sure`: it cannot fail)."""
    draw = run.chance.of("agent", agent.name, *key)
    work = (
        spread(draw, world.agency.work_sigma)
        * step.size
        * size
        * (1.0 if sure else agent.pace.get(step.task_class, 1.0))
    )
    fate = run.chance.of("luck", agent.name, *(key[:1] if step.hopeless else key))
    hard = run.chance.of("hidden", step.name).gauss(0, world.agency.hidden_sigma)
    work *= math.exp(hard / 4)
    luck, place = fate.random(), run.chance.of("context", agent.name, *key)
    release = world.release(run, "agent", agent.name)
    new = release is not None and world.is_new(run, release)
    dumped = _dump(run, agent, place, release if new else None)
    base = agent.context * (0.7, 1.0, 1.5)[run.complexity] * spread(place, agent.context_sigma)
    context = int(base + dumped)
    facts = {
        name.OPERATION: "invoke_agent",
        name.AGENT: agent.name,
        name.STEP: step.name,
        name.TASK_CLASS: "second_look" if sure else step.task_class,
        name.CONTEXT_SIZE: context,
        "dev_agency.execution.id": f"a-{run.ids.getrandbits(48):012x}",
        "gen_ai.agent.version": "2.0.0" if release is None else (release.new if new else release.old),
    }
    span = world.open(run, parent, f"invoke_agent {agent.name}", "workers", facts)
    visit = Visit(world, run, agent, step, span, key, work * (release.pace if new and release else 1.0))
    broken = yield from visit.work(context)
    world.feel(span)
    odds = world.agency.odds[run.complexity] + agent.skill.get(step.task_class, 0.0)
    odds += -hard + (release.skill if new and release else 0.0)
    if broken:
        world.close(span, "tool_error", broken)
        return False
    if not sure and luck > 1 / (1 + math.exp(-odds)):
        world.close(span, *_complaint(draw, step.task_class, run))
        return False
    world.close(span)
    return True


def _dump(run: Run, agent: Agent, draw: random.Random, release: Release | None) -> float:
    """Tokens that nobody needs."""
    chosen = draw.random() < agent.dump_share
    tokens = agent.dump_tokens if chosen else 0.0
    if agent.dump_kind == "hoard":
        tokens *= min(run.place, 6) / 2
    if agent.dump_kind == "everything":
        tokens *= spread(draw, 0.9)
    return tokens + (release.dump_tokens if release else 0.0)


def _complaint(draw: random.Random, task_class: str, run: Run) -> tuple[str, str]:
    number = draw.randrange(1000)
    return draw.choice(
        (
            ("patch_rejected", f"patch does not apply at src/part_{number}.py:{number * 3}"),
            ("tests_failed", f"{number % 17 + 1} tests failed for task {run.trace[:8]}"),
            ("no_answer", f"the model gave no usable answer for {task_class} {number}"),
        )
    )


class Visit:
    """One execution of an agent from inside: context, then turns of model and tool."""

    def __init__(
        self, world: World, run: Run, agent: Agent, step: Step, span: Span, key: tuple[Any, ...], work: float
    ) -> None:
        self.world, self.run, self.agent, self.step, self.span = world, run, agent, step, span
        self.key, self.pace = key, work
        self.below = {each: span.attributes[each] for each in (name.AGENT, name.STEP)}
        self.chance = Chance(world.agency.seed, "visit", run.number, agent.name, *key)
        self.call = 0
        self.cached = 0

    def work(self, context: int) -> Work:
        """True text where a tool broke the work: what it said."""
        yield from self.prepare()
        said, broken = context + 1_500, ""
        turns = self.agent.turns[self.run.complexity]
        looping = self.chance.of("loop").random() < self.agent.loop_share
        for turn in range(turns):
            draw = self.chance.of("turn", turn)
            output = int(330 * self.pace * spread(draw, 0.3)) + 20
            yield from self.chat(said, output, draw)
            said += output
            if turn == turns - 1:
                break
            broken = self.breaks(turn)
            yield from self.tool(turn, draw, broken)
            said += int(draw.uniform(200, 900))
            said = yield from self.read(turn, said)
            if looping and turn == 0:
                said = yield from self.loop(said)
            if broken:
                return broken
        if self.step.tool and "partner" not in self.key:
            own = self.world.agency.tools[self.step.tool]
            yield from self.world.use(self.run, self.span, own, self.pace, (*self.key, "own"))
        return ""

    def prepare(self) -> Work:
        draw = self.chance.of("prepare")
        seconds = self.agent.prepares * spread(draw, 0.4)
        slow = self.agent.slow_preparation * spread(draw, 0.5)
        if self.agent.preparation_kind == "growing":
            slow *= 2 * self.run.day / self.world.agency.days
        facts = {"dev_agency.operation": "prepare_context", **self.below}
        span = self.world.open(self.run, self.span, "prepare_context", "workers", facts)
        yield self.world.wait(seconds)
        if self.agent.preparation_kind == "reads" and slow:
            reading = self.world.agency.tools["read_file"]
            for number in range(12):
                yield from self.world.use(
                    self.run, span, reading, slow / 12 / reading.seconds, (*self.key, "file", number)
                )
        else:
            yield self.world.wait(slow)
        self.world.close(span)

    def tool(self, turn: int, draw: random.Random, broken: str) -> Work:
        called = str(self.agent.breaks["tool"]) if broken else draw.choice(self.world.agency.used[self.step.task_class])
        if self.world.agency.tests_each_change:
            called = ("edit_file", "run_tests")[turn % 2]
        tool = self.world.agency.tools[called]
        work = 1.0 if tool.server else self.pace
        same = called == "run_tests" and self.world.agency.tests_each_change
        again = f"{self.run.number}/{self.step.name}/tests" if same else ""
        yield from self.world.use(self.run, self.span, tool, work, (*self.key, turn), again, broken)

    def breaks(self, turn: int) -> str:
        """What a tool says that breaks the work of this agent under the conditions given, or nothing."""
        told = self.agent.breaks
        if not told or turn:
            return ""
        there = told.get("recipe") in (None, self.run.recipe.name) and told.get("complexity") in (
            None,
            self.run.complexity,
        )
        version = told.get("version") in (None, self.span.attributes["gen_ai.agent.version"])
        if there and version and self.chance.of("break").random() < float(str(told["share"])):
            return str(told["message"]).format(number=self.run.number)
        return ""

    def read(self, turn: int, said: int) -> Work:
        """Files into the conversation: once after the first turn; where told, the same ones in each later turn."""
        reading = self.world.agency.tools["read_file"]
        for number in range(self.agent.rereads if turn else self.agent.files):
            what = f"{self.run.number}/{self.key}/file/{number % 3}"
            yield from self.world.use(self.run, self.span, reading, 1.5, (*self.key, "file", turn, number), again=what)
            said += 1_800
        return said

    def loop(self, said: int) -> Work:
        """The same call again and again, each time in the hope of another answer."""
        again = f"{self.run.number}/{self.key}/loop"
        tool = self.world.agency.tools[self.agent.loop_tool]
        for number in range(self.agent.loop_calls):
            draw = self.chance.of("loop", number)
            if self.agent.loop_kind == "tool":
                message = f"{tool.name}: no such target in part_{self.run.number % 50}"
                yield from self.world.use(self.run, self.span, tool, 1.0, (*self.key, "loop", number), again, message)
            yield from self.chat(said, 90, draw, hash=again if self.agent.loop_kind == "prompt" else "")
            said += 0 if self.agent.loop_kind == "prompt" else 120
        return said

    def chat(self, said: int, output: int, draw: random.Random, hash: str = "") -> Work:
        """One answer of the model, with the attempts that it took."""
        world, agency = self.world, self.world.agency
        model = agency.models[self.agent.model]
        called, pace = self._model(model.name)
        host = draw.choice(model.servers)
        if agency.server_by_complexity:
            host = model.servers[-1 if self.run.complexity == 2 else 0]
        server = agency.servers[host]
        noise, far, attempts = spread(draw, 0.25), spread(draw, 0.5), self.chance.of("attempts", self.call)
        self.call += 1
        for attempt in range(6):
            luck, wait = attempts.random(), min(2.0 * 2**attempt, 20.0) * attempts.uniform(0.7, 1.3)
            if attempt == 5 or luck >= server.limited + server.failing:
                break
            limited = luck < server.limited
            seconds = 0.2 if limited else attempts.uniform(0.5, 3.0)
            yield from self._refused(called, server.address, 429 if limited else 503, seconds)
            yield world.wait(wait)
        cached = min(self.cached, said) if self.agent.caches and draw.random() < 0.98 else 0
        fresh = (said - cached) / 1000
        seconds = (
            model.first + fresh * model.per_1k + fresh**2 * model.per_1k_squared + cached / 1000 * model.per_1k_cached
        )
        seconds = (seconds + output * model.per_output * pace) * noise * world.weather() + server.extra_seconds * far
        facts = self._call(called, server.address, 200)
        facts.update({name.INPUT: said, name.OUTPUT: output, name.CACHED: cached})
        if hash:
            facts[name.CALL_HASH] = digest(hash)
        span = world.open(self.run, self.span, f"chat {called}", "workers", facts)
        yield world.wait(seconds)
        world.close(span)
        self.cached = said

    def _model(self, called: str) -> tuple[str, float]:
        release = self.world.release(self.run, "model", called)
        if release is None:
            return called, 1.0
        new = self.world.is_new(self.run, release)
        return (release.new, release.pace) if new else (release.old, 1.0)

    def _call(self, model: str, server: str, status: int) -> dict[str, Any]:
        return {
            name.OPERATION: "chat",
            name.MODEL: model,
            name.SERVER: server,
            name.STATUS: status,
            **self.below,
        }

    def _refused(self, model: str, server: str, status: int, seconds: float) -> Work:
        span = self.world.open(self.run, self.span, f"chat {model}", "workers", self._call(model, server, status))
        yield self.world.wait(seconds)
        self.world.close(span, str(status), "rate limit reached" if status == 429 else "service unavailable")
