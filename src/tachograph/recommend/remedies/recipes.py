"""Recipes: steps at the same time, in another order, with an end to repetition, and not too many at once."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from tachograph.measure.replay import Change, Runs
from tachograph.recommend.context_twice import prepared_twice
from tachograph.recommend.draft import Draft, of
from tachograph.recommend.groups import together, waits_after
from tachograph.recommend.recipe_file import RecipeFile
from tachograph.records import BottleneckDetection

_SHOWN: Final = 4


def parallelise(finding: BottleneckDetection, runs: Mapping[str, Runs]) -> Iterator[Draft]:
    """Run steps at the same time that wait for each other without need."""
    recipe, pairs = finding.remedy["recipe"], [tuple(pair) for pair in finding.remedy["parallel"]]
    groups = together(runs[recipe], pairs) if recipe in runs else ()
    if not groups:
        return
    names = list(dict.fromkeys(name for group in groups for name in group))
    most = max(len(group) for group in groups)

    def edit(file: RecipeFile) -> str | None:
        return _parallel_diff(file, groups, most)

    said = " and ".join(" beside ".join(group[:_SHOWN]) for group in groups)
    made = of(
        finding, "parallelise", f"Run {said} in {recipe} at the same time", 2,
        *(f"In {recipe}, let {', '.join(group)} start when the first of them can" for group in groups),
        f"Let the engine run {most} steps of {recipe} at once",
        f"Check that {', '.join(names)} write no file that another of them reads" if not finding.remedy["declared"]
        else "",
        about=recipe,
    )  # fmt: skip
    touches = frozenset({recipe, *(f"{recipe}/{name}" for name in names)})
    yield replace(made, recipe=recipe, change=Change(parallel=groups), edit=edit, touches=touches)


def _parallel_diff(file: RecipeFile, groups: tuple[tuple[str, ...], ...], most: int) -> str | None:
    wanted = waits_after(file.depends(), groups)
    changed = file.with_depends({name: waits for name, waits in wanted.items() if waits != file.depends().get(name)})
    if (file.workers() or most) < most:
        changed = changed.with_workers(most)
    return file.diff(changed)


def fail_fast(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Run the check that often fails before the work that is thrown away with it."""
    facts = finding.remedy
    if "order" not in facts or "workers" in facts:
        return
    recipe, order, step = facts["recipe"], tuple(facts["order"]), facts["step"]

    def edit(file: RecipeFile) -> str | None:
        return file.diff(file.with_order(list(order)))

    made = of(
        finding, "fail_fast", f"Run {step} earlier in {recipe}, so that it fails before the work that depends on it", 3,
        f"Put the steps of {recipe} in the order {', '.join(order)}",
        f"Stop {recipe} at the first step that fails",
        about=recipe,
    )  # fmt: skip
    touches = frozenset({recipe, *(f"{recipe}/{name}" for name in order)})
    yield replace(made, recipe=recipe, change=Change(order=order), edit=edit, touches=touches)


def begin_early(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Let a check that often fails begin as soon as it can, beside the work that is thrown away with it."""
    facts = finding.remedy
    if "check" not in facts:
        return
    recipe, check, after = facts["recipe"], facts["check"], facts["after"]
    made = of(
        finding, "begin_early", f"Let {check} begin in {recipe} {f'when {after} has ended' if after else 'at once'}", 3,
        f"Start {check} beside the steps that it does not need",
        f"Stop {recipe}, and what runs in it, when {check} fails",
        about=recipe,
    )  # fmt: skip
    yield replace(made, recipe=recipe, touches=frozenset({recipe, f"{recipe}/{check}"}))


def longest_first(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Begin the steps that hold up the end first, where only a few run at once."""
    facts = finding.remedy
    if "workers" not in facts:
        return
    recipe, order, step = facts["recipe"], tuple(facts["order"]), facts["step"]

    def edit(file: RecipeFile) -> str | None:
        return file.diff(file.with_order(list(order)))

    made = of(
        finding, "longest_first", f"Begin {step} earlier in {recipe}, so that the other steps run beside it", 2,
        f"List the steps of {recipe} in the order {', '.join(order)}",
        about=recipe,
    )  # fmt: skip
    touches = frozenset({recipe, *(f"{recipe}/{name}" for name in order)})
    yield replace(made, recipe=recipe, change=Change(order=order, workers=facts["workers"]), edit=edit, touches=touches)


def reorder(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Let one step, or agent, come before another where that was seen to go better."""
    facts = finding.remedy
    if "then" not in facts:
        return
    recipe, first, then = facts["recipe"], facts["first"], facts["then"]

    def edit(file: RecipeFile) -> str | None:
        return file.diff(file.with_order(_before(list(file.steps()), first, then)))

    made = of(
        finding, "reorder", f"Let {first} come before {then} in {recipe}", 4,
        f"Move {first} before {then} in {recipe}, where nothing that it needs is missing then",
        "Keep the old order for a random tenth of the executions, so that the difference can be measured",
        about=recipe,
    )  # fmt: skip
    touches = frozenset({recipe, f"{recipe}/{first}", f"{recipe}/{then}"})
    of_steps = facts["kind"] == "steps"
    yield replace(made, touches=touches, recipe=recipe, edit=edit if of_steps else None)


def _before(order: list[str], first: str, then: str) -> list[str]:
    if first not in order or then not in order or order.index(first) < order.index(then):
        return order
    order.remove(first)
    order.insert(order.index(then), first)
    return order


def merge(finding: BottleneckDetection, runs: Mapping[str, Runs]) -> Iterator[Draft]:
    """Let an agent do in one go what it does in two steps in a row, so that it prepares its context once."""
    agent = finding.affected_components[0]
    for recipe, recorded in runs.items():
        for first, then, share in prepared_twice(recorded, agent):
            made = of(
                finding, "merge_steps", f"Make one step of {first} and {then} in {recipe}", 4,
                f"Give {agent} what {first} and {then} ask of it in one execution: {100 * share:.0f} % of {then} is "
                "context that it had just before",
                f"Let what waits for {then} wait for the new step",
                about=f"{recipe}/{then}",
            )  # fmt: skip
            touches = frozenset({recipe, f"{recipe}/{first}", f"{recipe}/{then}"})
            yield replace(made, recipe=recipe, change=Change(scale=((then, 1 - share),)), touches=touches)


def limit(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Run no more at once than the shared resource serves."""
    name = finding.affected_components[0]
    yield of(
        finding, "limit", f"Limit how many executions of {name} run at once", 4,
        f"Put a limit around {name}; begin with half of what ran at once in the worst execution: "
        f"tachograph trace {finding.evidence.trace_ids[0]}",
        f"Or split what {name} locks or shares (a folder, a database, a port for each execution)",
    )  # fmt: skip


def stop_rule(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """End a loop of identical calls."""
    if finding.remedy.get("part") != "repeated":
        return
    agent, tool = finding.affected_components[0], finding.affected_components[1:2]
    call = f"call of {tool[0]}" if tool else "call"
    yield of(
        finding, "stop_rule", f"Give {agent} a stop rule for repeated calls", 3,
        f"In {agent}, remember the hash of each {call} with its answer",
        "On the second identical call with an identical answer, say so to the model and let it change its approach; on "
        "the third, end the execution as a failure",
        f"See a loop: tachograph trace {finding.evidence.trace_ids[0]}",
    )  # fmt: skip


def say_what_was_wrong(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Ask a model again only with what was wrong with its answer."""
    if finding.remedy.get("part") != "answers":
        return
    agent, model = finding.affected_components[:2]
    yield of(
        finding, "say_what_was_wrong", f"Tell {model} what was wrong before {agent} asks it again", 4,
        f"Where {agent} refuses an answer, hand {model} the error with the next attempt, or use its structured output",
        "After the second failure in a row, end the execution or ask another model",
        f"See one: tachograph trace {finding.evidence.trace_ids[0]}",
    )  # fmt: skip


def fewer_attempts(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Stop a step, or a round of steps, after its second failed attempt."""
    if finding.remedy.get("part") not in {"attempts", "rounds"}:
        return
    where, retries = finding.remedy["component"], int(finding.remedy["retries"])
    recipe, slash, step = where.partition("/")

    def edit(file: RecipeFile) -> str | None:
        known = file.retries(step)
        return file.diff(file.with_retries(step, retries)) if known is not None and known > retries else None

    made = of(
        finding, "fewer_attempts", f"Stop {where} after {retries + 1} failed attempts", 2,
        f"Set retries of {where} to {retries}",
        "Hand what failed twice to another agent or a person, with what the attempts found out",
    )  # fmt: skip
    if slash:
        change = Change(attempts=((step, retries + 1),))
        made = replace(made, recipe=recipe, change=change, edit=edit, touches=frozenset({where}))
    yield made
