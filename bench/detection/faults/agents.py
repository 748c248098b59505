"""Agents that are wrong for a task, in the wrong order, missing, or idle."""

from detection.agency import Agency
from detection.faults.injection import Choice, Injection, injection


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
    also = {"underutilised_agent"}
    return injection("wrong_agent", form, strength, names, harm, prepare, also=also, others={other})


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
    return injection(
        "underutilised_agent",
        form,
        strength,
        names,
        harm,
        prepare,
        also={"wrong_agent"},
        others={other, third},
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
    return injection("missing_specialist", form, strength, names, harm, prepare)


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
    return injection(
        "agent_sequence", form, strength, names, harm, prepare, also={"retry_loop"}, whole=(both[1], recipe)
    )
