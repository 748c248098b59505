"""Steps in the wrong order, waiting for nothing, waiting for each other, or repeated."""

from detection.agency import STEPS, Agency, Recipe, Step, Tool, chain, fan
from detection.faults.injection import Choice, Injection, injection, of_agent


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
    also = {"unnecessary_sequential_dependency"}
    return injection("step_order", form, strength, named, harm, prepare, also=also, whole=(recipe,))


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
    return injection(
        "unnecessary_sequential_dependency",
        form,
        strength,
        names,
        harm,
        prepare,
        also={"step_order"},
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
    return injection("resource_contention", form, strength, names, harm, prepare)


def retry_loop(choice: Choice, strength: int, form: str) -> Injection:
    """The same call is made again and again: of a tool, of the model, or of an agent that cannot do it."""
    count = (3, 4, 7, 11, 18)[strength - 1]  # one call more after a failure is nobody's loop (decision 17)
    if form == "stubborn":
        return _stubborn(choice, strength)
    agent = choice.agent()

    def harm(agency: Agency) -> None:
        one = agency.agents[agent]
        one.loop_share, one.loop_calls, one.loop_kind = 0.35, count, form

    names = {*of_agent(choice, agent), choice.agency.agents[agent].loop_tool}
    return injection("retry_loop", form, strength, names, harm, also={"redundant_context"})


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
    also, others = ("missing_specialist",), (step.task_class,)
    whole = (f"{recipe}/{step.name}", recipe)
    return injection("retry_loop", "stubborn", strength, names, harm, prepare, also, others, whole)
