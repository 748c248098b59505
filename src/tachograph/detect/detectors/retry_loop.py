"""The same again and again: a call, or an agent that is sent at a step which it did not manage."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, between, time_lost
from tachograph.detect.conversations import Conversations
from tachograph.detect.excess import FEW, by_worker
from tachograph.detect.made_again import made_again
from tachograph.detect.polls import polls
from tachograph.detect.reading import Reading
from tachograph.detect.refusals import was_refused
from tachograph.detect.rounds import Rounds, in_a_row, rounds, rounds_of_steps
from tachograph.detect.scene import Scene
from tachograph.detect.workers import home, joined, summed
from tachograph.records.history import Reals, Units

_ONE_MORE: Final = 1  # attempt after a failure that is nobody's loop


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that repeats calls, one whose models fail again and again, and one a step that is tried
    too often."""
    yield from _calls(scene)
    yield from _answers(scene)
    yield from _attempts(scene)


def _calls(scene: Scene) -> Iterator[Candidate]:
    talks, reading = Conversations.of(scene), Reading(scene)
    workers = _in_loops(scene)
    for name, rows in by_worker(workers):
        mine = workers.take(rows)
        spent = np.nan_to_num(mine["repeated"])
        looping = mine["repeated_calls"] > 0
        if not looping.any():
            continue
        # Nobody knows whether the first of them was worth anything.
        first = np.maximum(spent, 0.0) / np.maximum(mine["repeated_calls"], 1.0)
        found = made_again(talks, reading, mine, rows, spent + first, first)
        calls = float(np.mean(mine["repeated_calls"][looping]))
        yield Candidate(
            cause="retry_loop",
            components=(name, *_tool(scene, mine.take(looping))),
            unit=PERCENT,
            estimate=between(found.least, found.most),
            rows=mine,
            lost=spent + first / 2 + found.on_top,
            claim="measured",
            tested=time_lost(mine, spent),
            says=f"{name} loses {{effect}} to making the same call again: {100 * looping.mean():.0f} % of its "
            f"executions do, {calls:.1f} times on average",
            fixes=(
                f"give {name} a stop rule: after the second identical call with an identical answer, change the "
                "approach or give up",
                f"return to {name} what the first call said, so that it need not ask again",
            ),
            assumptions=(
                "an identical call a second time brings nothing that the first did not",
                "whether the first was needed is open",
            ),
            remedy={"agent": name, "part": "repeated"},
        )


def _in_loops(scene: Scene) -> Units:
    """Workers without what only one call took that was made once more after one had failed, or what asks after a pause
    whether something is done: these are no loops."""
    failed = set[str]()
    for calls in (scene.history.tools, scene.history.models):
        words = calls.words["parent_id"]
        failed |= {words.names[code] for code in np.unique(words.codes[calls["success"] == 0]).tolist() if code >= 0}
    workers = scene.workers
    has_failed = workers.words["span_id"].among(failed)
    own = {name: _own(workers, name) for name in ("repeated", "repeated_calls")}
    is_retry = has_failed & (own["repeated_calls"] <= _ONE_MORE)
    is_poll = polls(workers, scene.history.tools, scene.history.models) >= own["repeated_calls"]
    cleared = {name: np.where(is_retry | is_poll, 0.0, column) for name, column in own.items()}
    return Units({**workers.numbers, **cleared}, workers.words)


def _own(workers: Units, name: str) -> Reals:
    """What a worker has less what those have that it sends."""
    column = np.nan_to_num(workers[name])
    return np.asarray(np.maximum(column - summed(workers, workers, column), 0.0))


def _tool(scene: Scene, looping: Units) -> tuple[str, ...]:
    """The tool that the looping executions call most."""
    tools = scene.history.tools
    inside = {looping.words["span_id"].names[code] for code in looping.codes("span_id").tolist()}
    return tools.words["name"].take(tools.words["parent_id"].among(inside)).most(1)


def _answers(scene: Scene) -> Iterator[Candidate]:
    """Workers whose models are asked again right after what they answered was of no use."""
    workers, models = scene.workers, scene.history.models
    calls = models.take(~was_refused(models) & (models["again"] == 0))  # what is told otherwise
    at, tries = home(workers, calls), in_a_row(calls)
    likely, surely = (
        summed(workers, calls, np.where(tries >= count, calls["duration"], 0.0)) for count in (_ONE_MORE, 1 + _ONE_MORE)
    )
    for name, rows in by_worker(workers):
        if surely[rows].any():
            yield _in_vain(name, calls.take(np.isin(at, rows)), workers.take(rows), likely[rows], surely[rows])


def _in_vain(name: str, calls: Units, mine: Units, likely: Reals, surely: Reals) -> Candidate:
    (model,) = calls.words["name"].take(calls["success"] == 0).most(1)
    return Candidate(
        cause="retry_loop",
        components=(name, model),
        unit=PERCENT,
        estimate=between(time_lost(mine, surely), time_lost(mine, likely)),
        tested=time_lost(mine, surely),
        rows=mine,
        lost=(surely + likely) / 2,
        claim="measured",
        says=f"{name} loses {{effect}} to asking {model} again right after it failed: "
        f"{100 * (surely > 0).mean():.0f} % of its executions do so more than once in a row",
        fixes=(
            f"tell {model} with the next attempt what was wrong with its answer, or take what can be used of it",
            f"let {name} give up, or ask another model, after the second failure in a row",
        ),
        assumptions=("how much a first attempt after a failure is worth is open",),
        remedy={"agent": name, "part": "answers"},
    )


def _attempts(scene: Scene) -> Iterator[Candidate]:
    """Agents and commands sent again at a step after they failed at it more than once, and steps run again in a
    recipe."""
    history = scene.history
    for name, mine, found in rounds(history, joined([history.agents, history.commands]), FEW):
        yield from _too_many(name, mine, found, "attempts after failures", {"part": "attempts"})
    for name, mine, found in rounds_of_steps(history, FEW):
        yield from _too_many(name, mine, found, "running steps again after failures", {"part": "rounds"})


def _too_many(name: str, mine: Units, found: Rounds, what: str, remedy: dict[str, str]) -> Iterator[Candidate]:
    if not found.retried.any():
        return
    many = found.attempts > 1 + _ONE_MORE
    surely, likely = time_lost(mine, found.retried), time_lost(mine, found.repeated)
    who = found.names(many)
    yield Candidate(
        cause="retry_loop",
        components=(name, *who),
        unit=PERCENT,
        estimate=between(surely, likely),
        rows=mine,
        lost=(found.retried + found.repeated) / 2,
        claim="measured",
        tested=surely,
        says=f"{name} loses {{effect}} to {what}: {100 * many.mean():.0f} % of its executions have three or more of "
        f"one, up to {int(found.attempts.max())} of {who[0] if who else name}; the interval begins with what came "
        "after a second failure and ends with all that came after a first",
        fixes=(
            f"stop {name} after the second failed attempt and hand the task to another agent or a person",
            f"give the next attempt of {name} what the failed one found out",
        ),
        assumptions=("what failed twice fails again", "how much a first attempt after a failure is worth is open"),
        remedy={"component": name, "retries": 1, **remedy},
    )
