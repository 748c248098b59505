"""Worlds in which nothing is to be found, most with something that goes along with slowness and does not cause it."""

from collections.abc import Callable

from detection.agency import Agency, Server, Tool


def plain(agency: Agency) -> None:
    """Nothing but chance."""


def hard_tasks(agency: Agency) -> None:
    """One agent of a class gets nearly all of its complex tasks."""
    task_class = sorted(agency.pools)[0]
    one, other = agency.pools[task_class]
    agency.pools[task_class] = {one: (0.08, 0.35, 0.92), other: (0.92, 0.65, 0.08)}
    agency.odds = (3.6, 2.8, 1.2)


def slow_step(agency: Agency) -> None:
    """A step takes most of the time, for there is much to do."""
    recipe = next(iter(agency.recipes.values()))
    recipe.steps[2].size = 4.0


def version_with_harder_tasks(agency: Agency) -> None:
    """A release is first tried on hard tasks."""
    agency.odds = (3.6, 2.8, 1.6)
    for release in agency.releases:
        release.to_harder = True
        release.last_day = release.first_day + 8


def harder_month(agency: Agency) -> None:
    """From some day on more tasks are complex."""
    agency.harder_from = 14.0


def busy_pressure(agency: Agency) -> None:
    """The host is pressed in busy hours, when harder tasks come, and nothing suffers from it."""
    agency.pressure = {"cpu": 0.55, "memory": 0.5, "steal": 0.1}
    agency.busy_is_hard = 0.2


def even_failures(agency: Agency) -> None:
    """Much fails, everywhere alike."""
    agency.odds = (1.6, 1.3, 0.9)


def big_contexts_of_hard_tasks(agency: Agency) -> None:
    """Contexts are large where tasks are complex, which are slow for other reasons."""
    for agent in agency.agents.values():
        agent.turns, agent.context_sigma = (2, 4, 7), 0.1
    for model in agency.models.values():
        model.per_1k, model.per_1k_squared = 0.01, 0.0


def crowds(agency: Agency) -> None:
    """Many executions overlap, and do not disturb each other."""
    agency.burst = 12


def stormy_days(agency: Agency) -> None:
    """Some days are slower than others, one after the other."""
    agency.day_phi, agency.day_sigma = 0.8, 0.2


def tests_again(agency: Agency) -> None:
    """One and the same command is run after each change, as it should be, by all agents."""
    agency.tests_each_change = True
    for agent in agency.agents.values():
        agent.turns = (3, 5, 7)


def heavy_tool(agency: Agency) -> None:
    """A tool takes long wherever it is used, whatever the host does."""
    agency.tools["compile_all"] = Tool("compile_all", 20.0)
    for recipe in list(agency.recipes.values())[:2]:
        recipe.steps[1].tool = "compile_all"


def escalation(agency: Agency) -> None:
    """One agent of each class only gets what the other did not manage, and that is harder than it looks."""
    agency.escalates, agency.hidden_sigma, agency.odds = True, 1.2, (2.6, 2.2, 1.6)


def a_server_for_hard_tasks(agency: Agency) -> None:
    """The calls of complex tasks, which write more, go to an address of their own."""
    agency.server_by_complexity = True
    for model in agency.models.values():
        if len(model.servers) == 1:
            model.servers.append("api-4.replica.example")
            agency.servers["api-4.replica.example"] = Server("api-4.replica.example")
    for agent in agency.agents.values():
        agent.turns = (2, 3, 6)


def single_turns(agency: Agency) -> None:
    """Agents ask the model once, so that no cache could ever be read."""
    for agent in agency.agents.values():
        agent.turns = (1, 1, 1)


NULLS: tuple[Callable[[Agency], None], ...] = (
    plain,
    hard_tasks,
    slow_step,
    version_with_harder_tasks,
    harder_month,
    busy_pressure,
    even_failures,
    big_contexts_of_hard_tasks,
    crowds,
    stormy_days,
    tests_again,
    heavy_tool,
    escalation,
    a_server_for_hard_tasks,
    single_turns,
)
