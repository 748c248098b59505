"""What can be wrong with an agency: one injection for each cause, in the forms in which it would show."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from detection.agency import STEPS, Agency, Recipe, Release, Server, Step, Tool, chain, fan
from detection.chance import Chance

STRENGTHS = (1, 2, 3, 4, 5)
CATEGORIES = {
    "context": ("oversized_context", "slow_context_preparation", "redundant_context"),
    "agent_selection": ("wrong_agent", "agent_sequence", "missing_specialist", "underutilised_agent"),
    "recipe_execution": ("step_order", "unnecessary_sequential_dependency", "resource_contention", "retry_loop"),
    "infrastructure": ("network_latency", "memory_pressure", "cpu_pressure"),
}
CATEGORY = {cause: category for category, causes in CATEGORIES.items() for cause in causes}
ANY = "any"  # the category of what is found by when or where it happens, whatever its cause

Change = Callable[[Agency], None]


@dataclass
class Injection:
    """A fault: `prepare` makes the world in which it can be, with and without it; `harm` is the fault itself.

    `names` are components of which a right finding names one; `also` are causes that may be told of them, or of
    `others`, without being false; `whole` says that the effect on these components counts, whichever is named.
    """

    cause: str
    category: str
    form: str
    strength: int
    names: frozenset[str]
    prepare: Change
    harm: Change
    also: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    whole: tuple[str, ...] = ()


@dataclass
class Choice:
    """Takes components of an agency so that no two faults share one."""

    agency: Agency
    draw: random.Random
    used: set[str] = field(default_factory=set)

    def form(self, *forms: str) -> str:
        return self.draw.choice(forms)

    def agent(self) -> str:
        return self._take(sorted(self.agency.agents))

    def task_class(self) -> str:
        """One of the four classes that most steps have, and with agents of its own where there is one."""
        common = sorted(self.agency.pools, key=lambda each: -len(self.agency.steps_of_class(each)))[:4]
        free = [each for each in common if self.used.isdisjoint(self.agency.pools[each])]
        return self._take(free or common)

    def another(self, *but: str) -> str:
        """An agent besides these, free where there is one."""
        others = [each for each in sorted(self.agency.agents) if each not in but]
        return next((each for each in others if each not in self.used), others[0])

    def recipe(self) -> str:
        return self._take(list(self.agency.recipes))

    def chain(self) -> str:
        """A recipe of which every step needs the one before."""
        return self._take([each.name for each in self.agency.recipes.values() if each.workers == 1])

    def _take(self, names: list[str]) -> str:
        free = [name for name in names if name not in self.used] or names
        chosen = self.draw.choice(free)
        self.used.add(chosen)
        return chosen


def inject(cause: str, strength: int, choice: Choice, form: str = "") -> Injection:
    """The fault of that cause and strength, with components of its own; a form is drawn where none is named."""
    made = INJECTIONS[cause]
    chosen = form or choice.form(*made.forms)
    return made.make(choice, strength, chosen)


def nothing(agency: Agency) -> None:
    """No change."""


def _injection(
    cause: str, form: str, strength: int, names: object, harm: Change, prepare: Change = nothing, **more: object
) -> Injection:
    return Injection(cause, CATEGORY.get(cause, ANY), form, strength, frozenset(names), prepare, harm, **more)  # type: ignore


def _of_agent(choice: Choice, agent: str) -> set[str]:
    return {agent, *choice.agency.steps_of_agent(agent)}


# --- context ---


def oversized_context(choice: Choice, strength: int, form: str) -> Injection:
    """Tokens that nobody needs: the whole repository, what came before in the session, more or less of everything."""
    agent = choice.agent()
    tokens = (20_000, 40_000, 70_000, 110_000, 170_000)[strength - 1]

    def harm(agency: Agency) -> None:
        one = agency.agents[agent]
        one.dump_share, one.dump_tokens, one.dump_kind = (0.5 if form == "dump" else 1.0), tokens * 1.0, form
        one.dump_tokens *= {"dump": 1.2, "hoard": 0.5, "everything": 0.8}[form]

    names = _of_agent(choice, agent)
    return _injection("oversized_context", form, strength, names, harm, also=frozenset({"redundant_context"}))


def slow_context_preparation(choice: Choice, strength: int, form: str) -> Injection:
    """Context is made anew for each task: an index, many files one by one, or an index of a growing code base."""
    agent = choice.agent()
    seconds = (3.0, 6.0, 11.0, 18.0, 30.0)[strength - 1]

    def harm(agency: Agency) -> None:
        agency.agents[agent].slow_preparation, agency.agents[agent].preparation_kind = seconds, form

    return _injection("slow_context_preparation", form, strength, _of_agent(choice, agent), harm)


def redundant_context(choice: Choice, strength: int, form: str) -> Injection:
    """The same files are read again in each turn, or the provider's cache is missed each time."""
    agent = choice.agent()

    def prepare(agency: Agency) -> None:
        for each in agency.agents.values():
            each.turns = (3, 4, 6)
            if form == "uncached":
                each.context = (15_000, 25_000, 40_000, 60_000, 90_000)[strength - 1]

    def harm(agency: Agency) -> None:
        if form == "uncached":
            agency.agents[agent].caches = False
        else:
            agency.agents[agent].rereads = (1, 2, 3, 5, 8)[strength - 1]

    also = frozenset({"oversized_context", "retry_loop"} if form == "reread" else {"oversized_context"})
    names = _of_agent(choice, agent) | ({"read_file"} if form == "reread" else set())
    return _injection("redundant_context", form, strength, names, harm, prepare, also=also)


# --- agents ---


def wrong_agent(choice: Choice, strength: int, form: str) -> Injection:
    """An agent that is good at other things gets nearly half of a class, more of its hard tasks, and is bad at it."""
    task_class = choice.task_class()
    agent, other = list(choice.agency.pools[task_class])
    choice.used.update((agent, other))

    def prepare(agency: Agency) -> None:
        agency.pools[task_class][agent] = (0.4, 0.5, 0.62)
        agency.pools[task_class][other] = (0.6, 0.5, 0.38)

    def harm(agency: Agency) -> None:
        if form == "fails":
            agency.agents[agent].skill[task_class] = -(1.0, 1.6, 2.2, 2.9, 3.7)[strength - 1]
        else:
            agency.agents[agent].pace[task_class] = (1.15, 1.3, 1.6, 2.0, 2.8)[strength - 1]

    names = {agent, task_class, *choice.agency.steps_of_class(task_class)}
    also = frozenset({"underutilised_agent"})
    return _injection("wrong_agent", form, strength, names, harm, prepare, also=also, others=frozenset({other}))


def underutilised_agent(choice: Choice, strength: int, form: str) -> Injection:
    """The agent that is best at a class gets every eighth of its tasks."""
    task_class = choice.task_class()
    other, agent = list(choice.agency.pools[task_class])
    third = choice.another(agent, other)
    choice.used.update((agent, other, third))

    def prepare(agency: Agency) -> None:
        agency.pools[task_class] = {agent: (1.0,) * 3, other: (0.0,) * 3, third: (0.0,) * 3}
        for each in (other, third):
            if form == "fails":
                agency.agents[each].skill[task_class] = -(0.8, 1.3, 1.9, 2.6, 3.4)[strength - 1]
            else:
                agency.agents[each].pace[task_class] = (1.15, 1.3, 1.6, 2.0, 2.8)[strength - 1]

    def harm(agency: Agency) -> None:
        agency.pools[task_class] = {agent: (0.14, 0.12, 0.1), other: (0.48, 0.44, 0.4), third: (0.38, 0.44, 0.5)}

    names = {agent, task_class, *choice.agency.steps_of_class(task_class)}
    return _injection(
        "underutilised_agent",
        form,
        strength,
        names,
        harm,
        prepare,
        also=frozenset({"wrong_agent"}),
        others=frozenset({other, third}),
        whole=(f"class:{task_class}",),
    )


def missing_specialist(choice: Choice, strength: int, form: str) -> Injection:
    """Nobody is good at a class: two agents, or three, try."""
    task_class = choice.task_class()
    pool = list(choice.agency.pools[task_class])
    third = choice.another(*pool)
    choice.used.update((*pool, third))

    def prepare(agency: Agency) -> None:
        if form == "three":
            agency.pools[task_class][third] = (0.4, 0.4, 0.4)

    def harm(agency: Agency) -> None:
        for each in agency.pools[task_class]:
            agency.agents[each].skill[task_class] = -(0.9, 1.5, 2.1, 2.8, 3.6)[strength - 1]

    names = {task_class, *choice.agency.steps_of_class(task_class), *pool, *([third] if form == "three" else [])}
    return _injection("missing_specialist", form, strength, names, harm, prepare)


def agent_sequence(choice: Choice, strength: int, form: str) -> Injection:
    """Two agents in one step hand the work back and forth, or half of the time begin with the wrong one."""
    recipe = choice.chain()
    place = choice.draw.choice((1, 2))
    step = choice.agency.recipes[recipe].steps[place]
    pool = choice.agency.pools[step.task_class]
    partner = choice.another(*pool)

    def prepare(agency: Agency) -> None:
        agency.recipes[recipe].steps[place].partner = partner
        agency.recipes[recipe].weight = 1.5

    def harm(agency: Agency) -> None:
        one = agency.recipes[recipe].steps[place]
        if form == "handback":
            one.handback = (0.12, 0.25, 0.4, 0.6, 0.8)[strength - 1]
        else:
            one.reversed_share, one.reversed_pace = 0.5, (1.3, 1.6, 2.1, 2.8, 4.0)[strength - 1]

    both = (step.name, f"{recipe}/{step.name}")
    names = {*both, recipe, partner, *pool, step.task_class}
    return _injection(
        "agent_sequence", form, strength, names, harm, prepare, also=frozenset({"retry_loop"}), whole=(both[1], recipe)
    )


# --- recipes ---


def step_order(choice: Choice, strength: int, form: str) -> Injection:
    """A check that needs only the first step comes last, or the longest of the free steps is begun last."""
    recipe = choice.recipe()
    others = [step.name for step in choice.agency.recipes[recipe].steps[1:4]]
    check = "check_policy"

    def prepare(agency: Agency) -> None:
        one = agency.recipes[recipe]
        one.steps = chain(one.steps[:4])
        one.weight, one.tells_dependencies, one.tells_artifacts = 1.5, True, True
        if form == "late_check":
            _check_first(one, check, (0.12, 0.22, 0.33, 0.45, 0.6)[strength - 1])
        else:
            _longest_first(one, (1.3, 1.8, 2.5, 3.3, 4.2)[strength - 1])

    def harm(agency: Agency) -> None:
        """What comes second in the good order comes last."""
        steps = agency.recipes[recipe].steps
        steps.append(steps.pop(1))

    changed = others if form == "late_check" else others[-1:]
    named = {recipe, check, *changed, *(f"{recipe}/{each}" for each in (check, *changed))}
    also = frozenset({"unnecessary_sequential_dependency"})
    return _injection("step_order", form, strength, named, harm, prepare, also=also, whole=(recipe,))


def _check_first(recipe: Recipe, check: str, failure: float) -> None:
    first, *others = recipe.steps
    policy = Step(check, tool="run_linter", after=[first.name], reads=list(first.writes), failure=failure)
    recipe.workers, recipe.steps = 1, [first, policy, *others]


def _longest_first(recipe: Recipe, size: float) -> None:
    """Two workers, five steps of a tool that need only the first one; the last of them takes longest."""
    first = recipe.steps[0]
    more = [each for each in STEPS if each not in {step.name for step in recipe.steps}][:2]
    free = [Step(each, tool="run_tests", size=5.0, failure=0.01) for each in more]
    free += [Step(each.name, tool="run_tests", size=5.0, failure=0.01) for each in recipe.steps[1:]]
    for step in free:
        step.after, step.reads, step.writes = [first.name], list(first.writes), [f"{step.name}.out"]
    free[-1].size = 5.0 * size
    recipe.workers, recipe.steps = 2, [first, free[-1], *free[:-1]]


def unnecessary_sequential_dependency(choice: Choice, strength: int, form: str) -> Injection:
    """Two steps run one after the other though neither needs the other: declared so, or run so by the engine."""
    recipe = choice.recipe()
    first, second, third, _ = [step.name for step in choice.agency.recipes[recipe].steps[:4]]
    size = (0.15, 0.3, 0.6, 1.2, 3.0)[strength - 1]

    def prepare(agency: Agency) -> None:
        one = agency.recipes[recipe]
        one.steps, one.weight = fan(one.steps[:4]), 1.5
        for step in one.steps:
            step.size = size if step.name in (second, third) else 0.8
        one.workers, one.tells_dependencies, one.tells_artifacts = 4, form != "untold", True

    def harm(agency: Agency) -> None:
        one = agency.recipes[recipe]
        if form == "declared":
            one.step(third).after = [first, second]
        else:
            one.workers = 1

    names = {recipe, second, third, f"{recipe}/{second}", f"{recipe}/{third}"}
    return _injection(
        "unnecessary_sequential_dependency",
        form,
        strength,
        names,
        harm,
        prepare,
        also=frozenset({"step_order"}),
        whole=(recipe,),
    )


def resource_contention(choice: Choice, strength: int, form: str) -> Injection:
    """A tool that only one can use at a time, a machine that is divided, or a lock between steps of one recipe."""
    recipe = choice.recipe()
    steps = [step.name for step in choice.agency.recipes[recipe].steps][1:3]
    tool = choice.draw.choice(("deploy_preview", "migrate_schema", "build_image"))

    def prepare(agency: Agency) -> None:
        one = agency.recipes[recipe]
        agency.tools[tool] = Tool(tool, (6.0, 10.0, 15.0, 22.0, 32.0)[strength - 1] if form != "shared" else 15.0)
        one.weight = 2.5
        if form == "siblings":
            one.steps, one.workers = fan(one.steps[:4]), 4
        for each in steps if form == "siblings" else steps[:1]:
            one.step(each).tool = tool

    def harm(agency: Agency) -> None:
        if form == "shared":
            agency.tools[tool].shared = (0.3, 0.6, 1.0, 1.6, 2.5)[strength - 1]
        else:
            agency.tools[tool].lock = "one_at_a_time"

    used = steps if form == "siblings" else steps[:1]
    names = {tool, recipe, *used, *(f"{recipe}/{each}" for each in used)}
    return _injection("resource_contention", form, strength, names, harm, prepare)


def retry_loop(choice: Choice, strength: int, form: str) -> Injection:
    """The same call is made again and again: of a tool, of the model, or of an agent that cannot do it."""
    count = (2, 4, 7, 11, 18)[strength - 1]
    if form == "stubborn":
        return _stubborn(choice, strength)
    agent = choice.agent()

    def harm(agency: Agency) -> None:
        one = agency.agents[agent]
        one.loop_share, one.loop_calls, one.loop_kind = 0.35, count, form

    names = {*_of_agent(choice, agent), choice.agency.agents[agent].loop_tool}
    return _injection("retry_loop", form, strength, names, harm, also=frozenset({"redundant_context"}))


def _stubborn(choice: Choice, strength: int) -> Injection:
    recipe = choice.chain()
    step = choice.agency.recipes[recipe].steps[2]

    def prepare(agency: Agency) -> None:
        agency.recipes[recipe].weight, agency.recipes[recipe].steps[2].hopeless = 1.5, True
        for agent in agency.pools[step.task_class]:
            agency.agents[agent].skill[step.task_class] = -2.2

    def harm(agency: Agency) -> None:
        agency.recipes[recipe].steps[2].stubborn = strength

    names = {step.name, f"{recipe}/{step.name}", recipe, *choice.agency.pools[step.task_class]}
    told = {"also": frozenset({"missing_specialist"}), "others": frozenset({step.task_class})}
    whole = (f"{recipe}/{step.name}", recipe)
    return _injection("retry_loop", "stubborn", strength, names, harm, prepare, **told, whole=whole)


# --- infrastructure ---


def network_latency(choice: Choice, strength: int, form: str) -> Injection:
    """A provider that limits, one that fails, one slow address among several, or a slow service behind a tool."""
    if form == "slow_tool":
        return _slow_tool(choice, strength)
    agency = choice.agency
    model = choice.draw.choice(sorted(agency.models))
    users = [each.name for each in agency.agents.values() if each.model == model]
    hosts = agency.models[model].servers[: 1 if form == "slow_server" else None]

    def prepare(agency: Agency) -> None:
        if form == "slow_server" and len(agency.models[model].servers) == 1:
            added = "api-4.replica.example"
            agency.models[model].servers.append(added)
            agency.servers[added] = Server(added, limited=0.008, failing=0.004)

    def harm(agency: Agency) -> None:
        share = (0.08, 0.15, 0.25, 0.35, 0.5)[strength - 1]
        for server in (agency.servers[host] for host in hosts):
            if form == "limited":
                server.limited = share
            elif form == "failing":
                server.failing = share
            else:
                server.extra_seconds = (0.7, 1.4, 2.5, 4.5, 8.0)[strength - 1]

    return _injection("network_latency", form, strength, {model, *users, *hosts}, harm, prepare)


def _slow_tool(choice: Choice, strength: int) -> Injection:
    tool, host = "fetch_docs", "docs.example"
    classes = [each for each, tools in choice.agency.used.items() if tool in tools]
    agents = [agent for each in classes for agent in choice.agency.pools[each]]
    seconds = (0.5, 1.0, 2.0, 4.0, 8.0)[strength - 1]

    def harm(agency: Agency) -> None:
        agency.servers[host].extra_seconds = seconds

    return _injection("network_latency", "slow_tool", strength, {tool, host, *classes, *agents}, harm)


def cpu_pressure(choice: Choice, strength: int, form: str) -> Injection:
    """Work on a pressed processor, or on one whose time is given to others."""
    return _pressed(choice, strength, form, "cpu_pressure", "steal" if form == "steal" else "cpu")


def memory_pressure(choice: Choice, strength: int, form: str) -> Injection:
    """Work that is slowed in proportion, or that thrashes beyond a point."""
    return _pressed(choice, strength, form, "memory_pressure", "memory")


def _pressed(choice: Choice, strength: int, form: str, cause: str, kind: str) -> Injection:
    recipes = [choice.recipe(), choice.recipe()]
    tool = choice.draw.choice(("compile_all", "index_repo", "simulate_load"))
    places = {each: choice.agency.recipes[each].steps[1].name for each in recipes}

    def prepare(agency: Agency) -> None:
        agency.tools[tool] = Tool(tool, 14.0)
        agency.pressure[kind] = 0.3
        for recipe, step in places.items():
            agency.recipes[recipe].step(step).tool = tool

    def harm(agency: Agency) -> None:
        one = agency.tools[tool]
        one.pressed_by, one.sensitivity = kind, (0.6, 1.2, 2.0, 3.5, 6.0)[strength - 1]
        if form == "thrash":
            one.knee, one.sensitivity = 0.5, one.sensitivity * 1.8

    pairs = [name for recipe, step in places.items() for name in (step, f"{recipe}/{step}", recipe)]
    classes = [choice.agency.recipes[recipe].step(step).task_class for recipe, step in places.items()]
    agents = [agent for each in classes for agent in choice.agency.pools[each]]
    return _injection(cause, form, strength, {tool, *pairs, *agents}, harm, prepare)


# --- what is found by when or where it happens ---


def release(choice: Choice, strength: int, form: str) -> Injection:
    """A version of an agent or a model, rolled out within five days, that is slower or fails more."""
    agent = choice.agent()
    model = choice.agency.agents[agent].model
    called, kind = (model, "model") if form == "model_slow" else (agent, "agent")
    day = choice.draw.uniform(8, 16)
    made = Release(
        kind,
        called,
        f"{called}-0901" if kind == "model" else "2.0.0",
        f"{called}-1015" if kind == "model" else "2.1.0",
        day,
        day + 5,
    )

    def put(agency: Agency, bad: bool) -> None:
        new = Release(kind, called, made.old, made.new, made.first_day, made.last_day)
        if bad and form == "fails":
            new.skill = -(1.0, 1.6, 2.2, 2.9, 3.7)[strength - 1]
        elif bad and form == "creep":
            new.dump_tokens = (20_000, 35_000, 60_000, 90_000, 140_000)[strength - 1]
        elif bad:
            new.pace = (1.15, 1.35, 1.6, 2.0, 2.8)[strength - 1]
        agency.releases = [each for each in agency.releases if (each.kind, each.name) != (kind, called)] + [new]

    names = {called, made.new, f"{called}@{made.new}"}  # and not its steps: these do as well with the old one
    return _injection(
        "release", form, strength, names, lambda agency: put(agency, True), lambda agency: put(agency, False)
    )


def error_pattern(choice: Choice, strength: int, form: str) -> Injection:
    """One error that concentrates: in an agent, in its hard tasks, or in what it does for one recipe."""
    recipe = choice.recipe()
    step = choice.agency.recipes[recipe].steps[1]
    agent = next(iter(choice.agency.pools[step.task_class]))
    tool = choice.agency.used[step.task_class][0]
    message = choice.draw.choice(
        (
            "permission denied: cache/part-{number}",
            "lock file of process {number} is in the way",
            "connection reset by peer ({number})",
        )
    )

    def harm(agency: Agency) -> None:
        share = (0.06, 0.11, 0.18, 0.28, 0.42)[strength - 1]
        told: dict[str, object] = {"tool": tool, "share": share, "message": message}
        if form != "agent":
            told["share"] = min(share * 2, 0.7)
            told.update({"complexity": 2} if form == "complex" else {"recipe": recipe})
        agency.agents[agent].breaks = told

    names = {agent, tool}
    names |= {recipe, f"{recipe}/{step.name}"} if form == "recipe" else {"complex"} if form == "complex" else set()
    return _injection("error_pattern", form, strength, names, harm)


@dataclass(frozen=True)
class Maker:
    """How a fault is made, and its forms."""

    make: Callable[[Choice, int, str], Injection]
    forms: tuple[str, ...]


INJECTIONS = {
    "oversized_context": Maker(oversized_context, ("dump", "hoard", "everything")),
    "slow_context_preparation": Maker(slow_context_preparation, ("index", "reads", "growing")),
    "redundant_context": Maker(redundant_context, ("reread", "uncached")),
    "wrong_agent": Maker(wrong_agent, ("fails", "slow")),
    "agent_sequence": Maker(agent_sequence, ("handback", "order")),
    "missing_specialist": Maker(missing_specialist, ("two", "three")),
    "underutilised_agent": Maker(underutilised_agent, ("fails", "slow")),
    "step_order": Maker(step_order, ("late_check", "long_last")),
    "unnecessary_sequential_dependency": Maker(unnecessary_sequential_dependency, ("declared", "engine", "untold")),
    "resource_contention": Maker(resource_contention, ("lock", "shared", "siblings")),
    "retry_loop": Maker(retry_loop, ("tool", "prompt", "stubborn")),
    "network_latency": Maker(network_latency, ("limited", "failing", "slow_server", "slow_tool")),
    "memory_pressure": Maker(memory_pressure, ("stretch", "thrash")),
    "cpu_pressure": Maker(cpu_pressure, ("pressure", "steal")),
    "release": Maker(release, ("slow", "fails", "creep", "model_slow")),
    "error_pattern": Maker(error_pattern, ("agent", "complex", "recipe")),
}


def choice_for(agency: Agency, seed: int) -> Choice:
    """Picks for one run."""
    return Choice(agency, Chance(seed, "choice").of("faults"))
