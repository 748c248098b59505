"""Recipes at work: simpy processes that take their steps in turn or at once, and the agents of each step."""

from typing import Any

import simpy

from detection import spans as name
from detection import visits
from detection.agency import Agency, Agent, Step
from detection.arrivals import Run, arrivals
from detection.chance import spread
from detection.spans import Span
from detection.world import Work, World


def happen(agency: Agency, executions: int) -> list[Span]:
    """All spans of that many recipe executions, in the order in which they ended."""
    world = World(agency)
    engine = Engine(world)
    for run in arrivals(agency, executions):
        world.environment.process(engine.execute(run))
    world.environment.run()
    return world.spans


class Engine:
    """What runs recipes."""

    def __init__(self, world: World) -> None:
        self.world = world

    def execute(self, run: Run) -> Work:
        yield self.world.wait(run.start)
        recipe = run.recipe
        root = self.world.open(run, None, f"invoke_workflow {recipe.name}", "orchestrator", self._about(run))
        resolving = {name.OPERATION: "resolve_dependencies", "dev_agency.operation": "resolve_dependencies"}
        resolved = self.world.open(run, root, "resolve_dependencies", "orchestrator", resolving)
        yield self.world.wait(0.02 * spread(run.chance.of("resolve"), 0.3))
        self.world.close(resolved)
        done: list[str] = []
        yield from (self._in_turn if recipe.workers == 1 else self._at_once)(run, root, done)
        root.attributes["dev_agency.recipe.steps_completed"] = len(done)
        if run.failed:
            self.world.close(root, "step_failed", f"recipe stopped after {len(done)} of {len(recipe.steps)} steps")
        else:
            self.world.close(root)

    def _about(self, run: Run) -> dict[str, Any]:
        release = self.world.release(run, "recipe", run.recipe.name)
        version = "1.0" if release is None else (release.new if self.world.is_new(run, release) else release.old)
        return {
            name.OPERATION: "invoke_workflow",
            "dev_agency.execution.id": f"run-{run.trace[:12]}",
            "dev_agency.recipe.version": version,
            "dev_agency.recipe.steps_total": len(run.recipe.steps),
            "dev_agency.recipe.manual_duration": 1800.0,
        }

    def _in_turn(self, run: Run, root: Span, done: list[str]) -> Work:
        for index, step in enumerate(run.recipe.steps):
            yield self.world.wait(0.03)
            if not (yield from self._step(run, root, step, index)):
                run.failed = True
                return
            done.append(step.name)

    def _at_once(self, run: Run, root: Span, done: list[str]) -> Work:
        workers = simpy.PriorityResource(self.world.environment, run.recipe.workers)
        ended: dict[str, simpy.Process] = {}
        for index, step in enumerate(run.recipe.steps):
            before = [ended[each] for each in step.after]
            ended[step.name] = self.world.environment.process(self._when(run, root, step, index, before, workers, done))
        yield self.world.environment.all_of(ended.values())

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
        yield self.world.environment.all_of(before)
        with workers.request(priority=index) as turn:
            yield turn
            if run.failed:
                return
            yield self.world.wait(0.03)
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
        span = self.world.open(run, root, f"step {step.name}", "orchestrator", facts)
        well = yield from (self._by_agents if step.task_class else self._by_tool)(run, step, span)
        self.world.feel(span)
        self.world.close(span, *(() if well else ("step_failed", f"{step.name} did not succeed")))
        return well

    def _by_tool(self, run: Run, step: Step, span: Span) -> Work:
        tool = self.world.agency.tools[step.tool]
        yield from self.world.use(run, span, tool, step.size, ("step", step.name))
        return run.chance.of("check", step.name).random() >= step.failure

    def _by_agents(self, run: Run, step: Step, span: Span) -> Work:
        agent = self._route(run, step)
        pool = [self.world.agency.agents[each] for each in self.world.agency.pools[step.task_class]]
        well, attempt = False, 0
        stubborn = step.stubborn
        while not well and attempt < 2 + stubborn:
            if attempt and not (stubborn or run.chance.of("again", step.name).random() < 0.5):
                break
            if self.world.agency.escalates:
                agent = pool[min(attempt, 1)]
            well = yield from self._team(run, step, span, agent, attempt)
            attempt += 1
        return well

    def _route(self, run: Run, step: Step) -> Agent:
        pool = self.world.agency.pools[step.task_class]
        weights = [weight[run.complexity] for weight in pool.values()]
        return self.world.agency.agents[run.chance.of("route", step.name).choices(list(pool), weights)[0]]

    def _team(self, run: Run, step: Step, span: Span, agent: Agent, attempt: int) -> Work:
        """The agent alone, or with its partner, who may look first or hand the work back."""
        key = (step.name, attempt)
        if not step.partner:
            return (yield from visits.invoke(self.world, run, step, span, agent, key))
        partner = self.world.agency.agents[step.partner]
        if run.chance.of("order", *key).random() < step.reversed_share:
            yield from visits.invoke(self.world, run, step, span, partner, (*key, "partner"), size=0.5, sure=True)
            return (yield from visits.invoke(self.world, run, step, span, agent, key, size=step.reversed_pace))
        well = yield from visits.invoke(self.world, run, step, span, agent, key)
        yield from visits.invoke(self.world, run, step, span, partner, (*key, "partner"), size=0.5, sure=True)
        for again in range(3):
            if run.chance.of("handback", *key, again).random() >= step.handback:
                break
            well = yield from visits.invoke(self.world, run, step, span, agent, (*key, again), size=0.6)
            yield from visits.invoke(
                self.world, run, step, span, partner, (*key, "partner", again), size=0.35, sure=True
            )
        return well
