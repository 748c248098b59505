"""What an agency is made of: recipes, agents, tools, models, servers, releases; and one built from a seed."""

import random
from dataclasses import dataclass, field

from detection.chance import Chance

COMPLEXITIES = ("simple", "medium", "complex")
AGENTS = ("planner", "coder", "tester", "reviewer", "documenter", "auditor", "refactorer", "migrator", "triager")
CLASSES = ("bug", "feature", "docs", "upgrade", "security", "cleanup", "tests", "design")
RECIPES = (
    "hotfix",
    "new_feature",
    "dependency_bump",
    "release_notes",
    "hardening",
    "spring_cleaning",
    "port",
    "triage",
)
STEPS = (
    "understand",
    "reproduce",
    "outline",
    "implement",
    "adapt",
    "verify",
    "describe",
    "polish",
    "inspect",
    "wrap_up",
)


@dataclass
class Tool:
    """Work on the machine (or on a server); `seconds` is its mean on an idle host."""

    name: str
    seconds: float
    server: str = ""
    mirror: str = ""  # another server of it, that half of the calls go to
    lock: str = ""  # only one at a time in the whole agency
    shared: float = 0.0  # how much each other user of the same machine slows it
    pressed_by: str = ""  # cpu, memory or steal
    sensitivity: float = 0.0  # how many times longer at full pressure
    knee: float = 0.0  # pressure below which nothing is felt
    failure: float = 0.015


@dataclass
class Server:
    """Where model calls and network tools go."""

    address: str
    extra_seconds: float = 0.0
    limited: float = 0.0  # share of attempts answered with 429
    failing: float = 0.0  # share of attempts answered with 503


@dataclass
class Model:
    """Seconds: per first token, per 1,000 tokens read (and their square), per 1,000 cached, per token written."""

    name: str
    servers: list[str]
    first: float = 0.5
    per_1k: float = 0.05
    per_1k_squared: float = 0.0006
    per_1k_cached: float = 0.004
    per_output: float = 0.012


@dataclass
class Agent:
    """Who does the work. Skills are log-odds of success, paces factors of time, both by class of task."""

    name: str
    model: str
    turns: tuple[int, int, int] = (2, 3, 4)
    context: float = 6_000.0
    context_sigma: float = 0.25
    prepares: float = 0.8
    caches: bool = True
    tells_hash: bool = True
    files: int = 0  # that it reads after the first turn
    skill: dict[str, float] = field(default_factory=dict)
    pace: dict[str, float] = field(default_factory=dict)
    # What may be wrong with it.
    dump_share: float = 0.0
    dump_tokens: float = 0.0
    dump_kind: str = "dump"
    slow_preparation: float = 0.0
    preparation_kind: str = "index"
    rereads: int = 0
    loop_share: float = 0.0
    loop_calls: int = 0
    loop_kind: str = "tool"
    loop_tool: str = "search_code"
    breaks: dict[str, object] = field(default_factory=dict)  # tool, share, message, recipe or complexity


@dataclass
class Step:
    """A part of a recipe, done by an agent of the pool of its class, or by a tool alone."""

    name: str
    task_class: str = ""
    tool: str = ""  # that does it, or that the agent runs at the end
    size: float = 1.0
    after: list[str] = field(default_factory=list)  # what the engine waits for
    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    failure: float = 0.02  # of a step of a tool alone
    partner: str = ""  # an agent that looks over the work in the same step
    handback: float = 0.0
    reversed_share: float = 0.0
    reversed_pace: float = 1.0
    stubborn: int = 0  # attempts more than one, whatever the first ones said
    hopeless: bool = False  # what fails once would fail each time


@dataclass
class Recipe:
    """Steps in the order in which they are listed; `workers` is how many run at once."""

    name: str
    steps: list[Step]
    workers: int = 1
    tells_dependencies: bool = True
    tells_artifacts: bool = True
    weight: float = 1.0
    hard: float = 0.25  # share of complex tasks

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)


@dataclass
class Release:
    """A version that replaces another within some days, in which both are used."""

    kind: str  # agent, recipe or model
    name: str
    old: str
    new: str
    first_day: float
    last_day: float
    pace: float = 1.0
    skill: float = 0.0
    to_harder: bool = False
    dump_tokens: float = 0.0


@dataclass
class Agency:
    """A world at rest: what there is, and how time and chance treat it."""

    seed: int
    recipes: dict[str, Recipe]
    agents: dict[str, Agent]
    tools: dict[str, Tool]
    models: dict[str, Model]
    servers: dict[str, Server]
    pools: dict[str, dict[str, tuple[float, float, float]]]  # class: agent: weight by complexity
    used: dict[str, list[str]]  # class: tools; whoever does the task, so that no agent is faster for what it is given
    releases: list[Release]
    days: int = 28
    day_phi: float = 0.5
    day_sigma: float = 0.08
    pressure: dict[str, float] = field(default_factory=lambda: {"cpu": 0.2, "memory": 0.15, "steal": 0.03})
    odds: tuple[float, float, float] = (3.6, 3.0, 2.3)  # log-odds of success by complexity
    work_sigma: float = 0.5
    busy_is_hard: float = 0.0  # busy hours have more complex tasks
    harder_from: float = 1e9  # day from which more tasks are complex
    burst: int = 4
    escalates: bool = False  # the second agent of a class sees only what the first did not manage
    hidden_sigma: float = 0.0  # how much harder a task can be than its complexity says, in log-odds
    server_by_complexity: bool = False
    tests_each_change: bool = False  # by a command that is always the same

    def steps_of_class(self, task_class: str) -> list[str]:
        """Names of steps of that class, alone and as recipe/step."""
        found = [(r.name, s.name) for r in self.recipes.values() for s in r.steps if s.task_class == task_class]
        return [name for pair in found for name in (pair[1], "/".join(pair))]

    def classes_of(self, agent: str) -> list[str]:
        return [task_class for task_class, pool in self.pools.items() if agent in pool]

    def steps_of_agent(self, agent: str) -> list[str]:
        return [name for task_class in self.classes_of(agent) for name in self.steps_of_class(task_class)]


def build(seed: int) -> Agency:
    """An agency in which nothing is wrong."""
    draw = Chance(seed, "agency").of("shape")
    names = [draw.sample(some, len(some)) for some in (AGENTS, CLASSES, RECIPES)]
    agents, classes, recipes = names[0][:6], names[1][:6], names[2][:4]
    servers = [f"api-{number}.{draw.choice(('inference', 'llm', 'models'))}.example" for number in (1, 2, 3)]
    models = [Model("large-4", servers[:2]), Model("small-4", servers[2:])]
    tools = _tools()
    made = [Agent(name, models[number % 2].name, tells_hash=draw.random() < 0.5) for number, name in enumerate(agents)]
    return Agency(
        seed=seed,
        recipes={name: _recipe(name, number, classes, agents, draw) for number, name in enumerate(recipes)},
        agents={agent.name: agent for agent in made},
        tools=tools,
        models={model.name: model for model in models},
        servers={name: Server(name, limited=0.008, failing=0.004) for name in (*servers, "docs.example")},
        pools={each: _pool(agents, number) for number, each in enumerate(classes)},
        used={each: _used(number, sorted(tools), draw) for number, each in enumerate(classes)},
        releases=_releases(agents, recipes, draw),
        day_phi=draw.uniform(0.2, 0.7),
        work_sigma=draw.uniform(0.4, 0.65),
    )


def _tools() -> dict[str, Tool]:
    tools = (
        Tool("read_file", 0.3),
        Tool("search_code", 0.8),
        Tool("edit_file", 0.4),
        Tool("run_linter", 1.5),
        Tool("run_tests", 4.0),
        Tool("fetch_docs", 1.0, server="docs.example"),
    )
    return {tool.name: tool for tool in tools}


def _used(number: int, tools: list[str], draw: random.Random) -> list[str]:
    """Three tools of a class; at least one class asks the network."""
    chosen = draw.sample(tools, 3)
    return ["fetch_docs", *[tool for tool in chosen if tool != "fetch_docs"][:2]] if number == 0 else chosen


def _pool(agents: list[str], number: int) -> dict[str, tuple[float, float, float]]:
    """Two agents, of whom the first gets more of the complex tasks."""
    tilt = 0.12
    return {
        agents[number % 6]: (0.5 - tilt, 0.5, 0.5 + tilt),
        agents[(number + 1) % 6]: (0.5 + tilt, 0.5, 0.5 - tilt),
    }


def _recipe(name: str, number: int, classes: list[str], agents: list[str], draw: random.Random) -> Recipe:
    """A chain, a fan, a chain in which two agents share a step, and one that tells nothing of what steps need."""
    steps = draw.sample(STEPS, 5)
    kinds = [classes[(number * 2 + place) % 6] for place in range(5)]
    made = [Step(step, kind, size=draw.uniform(0.7, 1.3)) for step, kind in zip(steps, kinds, strict=True)]
    made = fan(made) if number == 1 else chain(made[:4])
    if number == 2:
        made[2].partner, made[2].handback = agents[(classes.index(kinds[2]) + 3) % 6], 0.03
    recipe = Recipe(name, made, workers=4 if number == 1 else 1, hard=(0.15, 0.25, 0.35, 0.25)[number])
    if number == 3:
        recipe.tells_dependencies = recipe.tells_artifacts = False
    return recipe


def chain(steps: list[Step]) -> list[Step]:
    """Each step needs what the one before it made."""
    for before, step in zip([None, *steps], steps, strict=False):
        step.after = [before.name] if before else []
        step.reads = ["task.md", *(before.writes if before else [])]
        step.writes = [f"{step.name}.out"]
    return steps


def fan(steps: list[Step]) -> list[Step]:
    """The first makes what all between need, the last needs what they made."""
    first, *between, last = steps
    chain([first])
    for step in between:
        step.after, step.reads, step.writes = [first.name], list(first.writes), [f"{step.name}.out"]
    last.after = [step.name for step in between]
    last.reads, last.writes = [step.writes[0] for step in between], [f"{last.name}.out"]
    return steps


def _releases(agents: list[str], recipes: list[str], draw: random.Random) -> list[Release]:
    """Versions that come and change nothing."""
    day = draw.uniform(6, 18)
    return [
        Release("agent", agents[5], "1.4.0", "1.5.0", day, day + 5),
        Release("recipe", recipes[2], "3.1", "3.2", 24 - day, 28 - day),
    ]
