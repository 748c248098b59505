"""Who gets which tasks: route by class, pair, add a specialist, use whom is there."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tachograph.measure.replay import Runs
from tachograph.recommend.draft import Draft, of
from tachograph.recommend.recipe_file import RecipeFile
from tachograph.records import BottleneckDetection


def route(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Give a class of tasks to the agent that does it better."""
    facts = finding.remedy
    worse, better, place = facts["agent"], facts["instead"], facts["place"]
    made = of(
        finding, "route", f"Give {place} to {better} instead of {worse}", 4,
        f"In the routing, send tasks of {place} to {better}; begin with a random tenth of them",
        f"Leave {worse} its other tasks, and a random twentieth of {place}, so that the difference stays measurable",
        about=f"{place} → {better}",
    )  # fmt: skip
    yield _in_recipe(replace(made, touches=frozenset({place, worse, better})), place, better)


def use(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Give more to an agent that does well and is hardly used."""
    better, place = finding.remedy["instead"], finding.remedy["place"]
    made = of(
        finding, "route", f"Give more of {place} to {better}", 4,
        f"Raise the share of {place} that {better} gets step by step, chosen at random, to a half",
        f"Raise how many executions of {better} may run at once, where that is what keeps it idle",
        about=f"{place} → {better}",
    )  # fmt: skip
    yield _in_recipe(replace(made, touches=frozenset({place, better}), measured_on=place), place, better)


def _in_recipe(made: Draft, place: str, better: str) -> Draft:
    """With the change in the recipe's file, where the place is a step of a recipe."""
    recipe, slash, step = place.partition("/")
    if not slash:
        return made

    def edit(file: RecipeFile) -> str | None:
        return file.diff(file.with_agent(step, better))

    return replace(made, recipe=recipe, edit=edit)


def specialist(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Add an agent for tasks that nobody does well."""
    place, tried = finding.remedy["place"], finding.remedy["agents"]
    yield of(
        finding, "specialist", f"Add an agent for {place}", 24,
        f"Collect the failed executions of {place}: {', '.join(finding.evidence.execution_ids[:3])}",
        f"Write an agent with the instructions, tools and examples for {place} that {', '.join(tried)} lack",
        f"Give it a random half of {place} until tachograph verify says what it brings",
        about=place,
        why="The gain is what it takes to reach the level of other tasks as hard: an upper bound",
    )  # fmt: skip


def pair(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Have a second agent check, where no single one does well enough and success is what is lost."""
    facts = finding.remedy
    who = [facts["agent"], facts["instead"]] if "instead" in facts else list(facts["agents"])[:2]
    if finding.effect.unit != "points" or len(who) < 2 or finding.effect.value < _WORTH_A_SECOND:
        return
    place = facts["place"]
    yield of(
        finding, "pair", f"Let {who[1]} check the work of {who[0]} at {place}", 8,
        f"After {who[0]} at {place}, give the result and the task to {who[1]}, which accepts or mends it",
        "Allow one round only, so that work is not handed back and forth",
        about=place,
        why="The gain is an upper bound, as if the check found all that the one misses; it costs a second agent's time",
    )  # fmt: skip


_WORTH_A_SECOND = 20.0  # points of success, for which a second agent's time is worth while


def hand_over(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Stop agents from handing work back and forth."""
    facts = finding.remedy
    if facts.get("part") != "returned":
        return
    where, who = facts["component"], facts["agents"]
    yield of(
        finding, "hand_over", f"Let {' and '.join(who[:2])} finish {where} in one round", 8,
        f"Agree on one list of what {where} has to bring before {who[0]} begins",
        f"Let {who[-1]} mend small things itself instead of handing them back",
        "End after the second round and report what is open",
    )  # fmt: skip
