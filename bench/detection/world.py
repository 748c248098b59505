"""An agency at work: simpy processes that take time, wait for each other and leave spans."""

import hashlib
import math
import random
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

from detection import spans as name
from detection.agency import COMPLEXITIES, Agency, Agent, Recipe, Release, Step, Tool
from detection.chance import Chance, autocorrelated, spread
from detection.spans import Span

DAY = 86_400.0
BLOCK = 600.0  # pressure of the host changes every ten minutes
Work = Generator[simpy.Event, Any, Any]


@dataclass
class Run:
    """One execution of a recipe: what was asked, by whom, when."""

    number: int
    recipe: Recipe
    complexity: int
    user: str
    session: str
    start: float
    place: int  # in a burst of executions
    chance: Chance
    ids: random.Random
    trace: str = ""
    failed: bool = False
    versions: dict[tuple[str, str], Release | None] = field(default_factory=dict)

    @property
    def day(self) -> float:
        return self.start / DAY

    def common(self) -> dict[str, Any]:
        return {
            name.RECIPE: self.recipe.name,
            name.COMPLEXITY: COMPLEXITIES[self.complexity],
            "user.id": self.user,
            "session.id": self.session,
        }


def happen(agency: Agency, executions: int) -> list[Span]:
    """All spans of that many recipe executions, in the order in which they ended."""
    world = World(agency)
    for run in arrivals(agency, executions):
        world.environment.process(world.execute(run))
    world.environment.run()
    return world.spans


def arrivals(agency: Agency, executions: int) -> list[Run]:
    """People start some executions at once, on weekdays, more about noon."""
    chance = Chance(agency.seed, "arrivals")
    made: list[Run] = []
    burst = 0
    while len(made) < executions:
        draw = chance.of(burst)
        day = draw.choice([day for day in range(agency.days) if day % 7 < 5])
        moment = day * DAY + min(max(draw.gauss(13, 2.6), 6), 21) * 3600
        user = f"user-{int(draw.triangular(0, 12, 0))}"
        count = min(1 + int(draw.expovariate(1 / agency.burst)), 3 * agency.burst, executions - len(made))
        for place in range(count):
            made.append(_run(agency, len(made), user, f"session-{burst}", moment, place))
            moment += draw.expovariate(1 / 12)
        burst += 1
    return made


def _run(agency: Agency, number: int, user: str, session: str, start: float, place: int) -> Run:
    chance = Chance(agency.seed, "run", number)
    draw = chance.of("task")
    recipes = list(agency.recipes.values())
    recipe = draw.choices(recipes, [each.weight for each in recipes])[0]
    hard = recipe.hard + (0.25 if start / DAY > agency.harder_from else 0) + agency.busy_is_hard * busy(start)
    complexity = draw.choices((0, 1, 2), (0.35, 0.4, min(hard / (1 - min(hard, 0.9)), 4) * 0.75))[0]
    ids = chance.of("ids")
    return Run(number, recipe, complexity, user, session, start, place, chance, ids, f"{ids.getrandbits(128):032x}")


def busy(moment: float) -> float:
    """0 at night, 1 at the busiest hour."""
    return math.exp(-((((moment % DAY) / 3600 - 13) / 3) ** 2))


class World:
    """What executions share: the clock, the machines, locks, the weather of the day."""

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        self.environment = simpy.Environment()
        self.spans: list[Span] = []
        self.locks = {tool.lock: simpy.Resource(self.environment) for tool in agency.tools.values() if tool.lock}
        self.using = dict.fromkeys(agency.tools, 0)
        weather = Chance(agency.seed, "weather")
        self.days = autocorrelated(weather.of("days"), agency.days + 3, agency.day_phi, agency.day_sigma)
        blocks = int((agency.days + 3) * DAY / BLOCK)
        self.blocks = {each: autocorrelated(weather.of(each), blocks, 0.93, 0.8) for each in agency.pressure}

    # --- what executions see of the world ---

    @property
    def now(self) -> float:
        return self.environment.now

    def wait(self, seconds: float) -> simpy.Event:
        return self.environment.timeout(max(seconds, 0.0))

    def pressure(self, kind: str, moment: float) -> float:
        """0 to 1: more in busy hours, and in spells of some tens of minutes."""
        level = self.agency.pressure[kind]
        spell = self.blocks[kind][int(moment / BLOCK) % len(self.blocks[kind])]
        logit = math.log(level / (1 - level)) + 1.2 * (busy(moment) - 0.5) + 1.3 * spell
        return 1 / (1 + math.exp(-logit))

    def weather(self) -> float:
        return math.exp(self.days[int(self.now / DAY)])

    def release(self, run: Run, kind: str, called: str) -> Release | None:
        """Which release of this name is used in this execution, drawn once an execution."""
        key = (kind, called)
        if key not in run.versions:
            found = next((each for each in self.agency.releases if (each.kind, each.name) == key), None)
            run.versions[key] = found
        return run.versions[key]

    def is_new(self, run: Run, release: Release) -> bool:
        share = (run.day - release.first_day) / max(release.last_day - release.first_day, 1e-6)
        if release.to_harder and 0 < share < 1:
            share = min(max(share + (0.45, 0.1, -0.45)[2 - run.complexity], 0), 1)
        return run.chance.of("release", release.kind, release.name).random() < share

    # --- spans ---

    def open(self, run: Run, parent: Span | None, called: str, service: str, attributes: dict[str, Any]) -> Span:
        span_id = f"{run.ids.getrandbits(64):016x}"
        return Span(run.trace, span_id, parent, called, service, self.now, {**run.common(), **attributes})

    def close(self, span: Span, error: str = "", message: str = "") -> None:
        span.end, span.error, span.message = self.now, error, message
        if error:
            span.attributes["error.type"] = error
        self.spans.append(span)

    def feel(self, span: Span) -> None:
        """The host's pressure while the span ran, as the host would have told."""
        middle = (span.start + self.now) / 2
        for kind, attribute in name.PRESSURES.items():
            span.attributes[attribute] = round(self.pressure(kind, middle), 3)

    # --- a recipe ---

    def execute(self, run: Run) -> Work:
        yield self.wait(run.start)
        recipe = run.recipe
        root = self.open(run, None, f"invoke_workflow {recipe.name}", "orchestrator", self._about(run))
        resolving = {name.OPERATION: "resolve_dependencies", "dev_agency.operation": "resolve_dependencies"}
        resolved = self.open(run, root, "resolve_dependencies", "orchestrator", resolving)
        yield self.wait(0.02 * spread(run.chance.of("resolve"), 0.3))
        self.close(resolved)
        done: list[str] = []
        yield from (self._in_turn if recipe.workers == 1 else self._at_once)(run, root, done)
        root.attributes["dev_agency.recipe.steps_completed"] = len(done)
        if run.failed:
            self.close(root, "step_failed", f"recipe stopped after {len(done)} of {len(recipe.steps)} steps")
        else:
            self.close(root)

    def _about(self, run: Run) -> dict[str, Any]:
        release = self.release(run, "recipe", run.recipe.name)
        version = "1.0" if release is None else (release.new if self.is_new(run, release) else release.old)
        return {
            name.OPERATION: "invoke_workflow",
            "dev_agency.execution.id": f"run-{run.trace[:12]}",
            "dev_agency.recipe.version": version,
            "dev_agency.recipe.steps_total": len(run.recipe.steps),
            "dev_agency.recipe.manual_duration": 1800.0,
        }

    def _in_turn(self, run: Run, root: Span, done: list[str]) -> Work:
        for index, step in enumerate(run.recipe.steps):
            yield self.wait(0.03)
            if not (yield from self._step(run, root, step, index)):
                run.failed = True
                return
            done.append(step.name)

    def _at_once(self, run: Run, root: Span, done: list[str]) -> Work:
        workers = simpy.PriorityResource(self.environment, run.recipe.workers)
        ended: dict[str, simpy.Process] = {}
        for index, step in enumerate(run.recipe.steps):
            before = [ended[each] for each in step.after]
            ended[step.name] = self.environment.process(self._when(run, root, step, index, before, workers, done))
        yield self.environment.all_of(ended.values())

    def _when(
        self,
        run: Run,
        root: Span,
        step: Step,
        index: int,
        before: list[simpy.Process],
        workers: simpy.PriorityResource,
        done: list[str],
    ) -> Work:
        yield self.environment.all_of(before)
        with workers.request(priority=index) as turn:
            yield turn
            if run.failed:
                return
            yield self.wait(0.03)
            if (yield from self._step(run, root, step, index)):
                done.append(step.name)
            else:
                run.failed = True

    def _step(self, run: Run, root: Span, step: Step, index: int) -> Work:
        facts: dict[str, Any] = {name.STEP: step.name, "dev_agency.step.index": index}
        if step.task_class:
            facts[name.TASK_CLASS] = step.task_class
        if run.recipe.tells_dependencies:
            facts["dev_agency.step.depends_on"] = list(step.after)
        if run.recipe.tells_artifacts:
            facts["dev_agency.artifact.read"] = list(step.reads)
            facts["dev_agency.artifact.written"] = list(step.writes)
        span = self.open(run, root, f"step {step.name}", "orchestrator", facts)
        well = yield from (self._by_agents if step.task_class else self._by_tool)(run, step, span)
        self.feel(span)
        self.close(span, *(() if well else ("step_failed", f"{step.name} did not succeed")))
        return well

    def _by_tool(self, run: Run, step: Step, span: Span) -> Work:
        tool = self.agency.tools[step.tool]
        yield from self.use(run, span, tool, step.size, ("step", step.name))
        return run.chance.of("check", step.name).random() >= step.failure

    def _by_agents(self, run: Run, step: Step, span: Span) -> Work:
        agent = self._route(run, step)
        pool = [self.agency.agents[each] for each in self.agency.pools[step.task_class]]
        well, attempt = False, 0
        stubborn = step.stubborn
        while not well and attempt < 2 + stubborn:
            if attempt and not (stubborn or run.chance.of("again", step.name).random() < 0.5):
                break
            if self.agency.escalates:
                agent = pool[min(attempt, 1)]
            well = yield from self._team(run, step, span, agent, attempt)
            attempt += 1
        return well

    def _route(self, run: Run, step: Step) -> Agent:
        pool = self.agency.pools[step.task_class]
        weights = [weight[run.complexity] for weight in pool.values()]
        return self.agency.agents[run.chance.of("route", step.name).choices(list(pool), weights)[0]]

    def _team(self, run: Run, step: Step, span: Span, agent: Agent, attempt: int) -> Work:
        """The agent alone, or with its partner, who may look first or hand the work back."""
        key = (step.name, attempt)
        if not step.partner:
            return (yield from self.invoke(run, step, span, agent, key))
        partner = self.agency.agents[step.partner]
        if run.chance.of("order", *key).random() < step.reversed_share:
            yield from self.invoke(run, step, span, partner, (*key, "partner"), size=0.5, sure=True)
            return (yield from self.invoke(run, step, span, agent, key, size=step.reversed_pace))
        well = yield from self.invoke(run, step, span, agent, key)
        yield from self.invoke(run, step, span, partner, (*key, "partner"), size=0.5, sure=True)
        for again in range(3):
            if run.chance.of("handback", *key, again).random() >= step.handback:
                break
            well = yield from self.invoke(run, step, span, agent, (*key, again), size=0.6)
            yield from self.invoke(run, step, span, partner, (*key, "partner", again), size=0.35, sure=True)
        return well

    # --- an agent ---

    def invoke(
        self,
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
            spread(draw, self.agency.work_sigma)
            * step.size
            * size
            * (1.0 if sure else agent.pace.get(step.task_class, 1.0))
        )
        fate = run.chance.of("luck", agent.name, *(key[:1] if step.hopeless else key))
        hard = run.chance.of("hidden", step.name).gauss(0, self.agency.hidden_sigma)
        work *= math.exp(hard / 4)
        luck, place = fate.random(), run.chance.of("context", agent.name, *key)
        release = self.release(run, "agent", agent.name)
        new = release is not None and self.is_new(run, release)
        dumped = self._dump(run, agent, place, release if new else None)
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
        span = self.open(run, parent, f"invoke_agent {agent.name}", "workers", facts)
        visit = Visit(self, run, agent, step, span, key, work * (release.pace if new and release else 1.0))
        broken = yield from visit.work(context)
        self.feel(span)
        odds = self.agency.odds[run.complexity] + agent.skill.get(step.task_class, 0.0)
        odds += -hard + (release.skill if new and release else 0.0)
        if broken:
            self.close(span, "tool_error", broken)
            return False
        if not sure and luck > 1 / (1 + math.exp(-odds)):
            self.close(span, *_complaint(draw, step.task_class, run))
            return False
        self.close(span)
        return True

    def _dump(self, run: Run, agent: Agent, draw: random.Random, release: Release | None) -> float:
        """Tokens that nobody needs."""
        chosen = draw.random() < agent.dump_share
        tokens = agent.dump_tokens if chosen else 0.0
        if agent.dump_kind == "hoard":
            tokens *= min(run.place, 6) / 2
        if agent.dump_kind == "everything":
            tokens *= spread(draw, 0.9)
        return tokens + (release.dump_tokens if release else 0.0)

    # --- tools ---

    def use(
        self, run: Run, parent: Span, tool: Tool, work: float, key: tuple[Any, ...], again: str = "", broken: str = ""
    ) -> Work:
        """One call of a tool; `again` is what makes it the same call as another one."""
        draw = run.chance.of("tool", tool.name, *key)
        noise, server_noise, fails = spread(draw, 0.35), spread(draw, 0.5), draw.random() < tool.failure
        facts: dict[str, Any] = {name.OPERATION: "execute_tool", name.TOOL: tool.name}
        facts.update({each: parent.attributes[each] for each in (name.AGENT, name.STEP) if each in parent.attributes})
        what = again or "/".join(map(str, (run.number, tool.name, *key)))
        user = self.agency.agents.get(parent.attributes.get(name.AGENT, ""))
        if user is None or user.tells_hash:
            facts[name.CALL_HASH] = _digest(what)
        else:
            number = int(_digest(what)[:6], 16)
            facts[name.ARGUMENTS] = f'{{"path": "src/part_{number}.py"}}'
        span = self.open(run, parent, f"execute_tool {tool.name}", "workers", facts)
        if tool.server:
            yield from self._over_network(tool, span, noise, server_noise)
        else:
            yield from self._on_host(tool, tool.seconds * work * noise)
        self.feel(span)
        if broken:
            self.close(span, "tool_error", broken)
        elif fails:
            self.close(span, "tool_error", f"{tool.name}: exited with status {draw.choice((1, 2))}")
        else:
            self.close(span)

    def _over_network(self, tool: Tool, span: Span, noise: float, server_noise: float) -> Work:
        server = self.agency.servers[tool.server]
        span.attributes[name.SERVER], span.attributes[name.STATUS] = server.address, 200
        yield self.wait(tool.seconds * noise * self.weather() + server.extra_seconds * server_noise)

    def _on_host(self, tool: Tool, seconds: float) -> Work:
        if tool.lock:
            with self.locks[tool.lock].request() as turn:
                yield turn
                yield self.wait(seconds)
            return
        if tool.pressed_by:
            felt = max(self.pressure(tool.pressed_by, self.now) - tool.knee, 0.0) / (1 - tool.knee)
            seconds *= 1 + tool.sensitivity * felt
        if tool.shared:
            yield from self._shared(tool, seconds)
        else:
            yield self.wait(seconds)

    def _shared(self, tool: Tool, left: float) -> Work:
        """The machine is divided among those who use the tool at this moment."""
        self.using[tool.name] += 1
        while left > 1e-6:
            slowed = 1 + tool.shared * (self.using[tool.name] - 1)
            slice_ = min(left * slowed, 1.5)
            yield self.wait(slice_)
            left -= slice_ / slowed
        self.using[tool.name] -= 1


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


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
            if turn:
                said = yield from self.reread(turn, said)
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

    def reread(self, turn: int, said: int) -> Work:
        """The files of the first turn once more, each into the conversation."""
        reading = self.world.agency.tools["read_file"]
        for number in range(self.agent.rereads):
            again = f"{self.run.number}/{self.key}/file/{number % 3}"
            yield from self.world.use(
                self.run, self.span, reading, 1.5, (*self.key, "again", turn, number), again=again
            )
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
            facts[name.CALL_HASH] = _digest(hash)
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
