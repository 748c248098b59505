"""What it costs to read more than is needed: a curve for each model, from its calls."""

import numpy as np
import pytest
from columns import units

from tachograph.detect.reading import Reading
from tachograph.detect.scene import Scene
from tachograph.measure.inference import interval
from tachograph.records.history import History, Reals, Units

EXECUTIONS, TURNS = 200, 3


def _takes(fresh: Reals, cached: Reals) -> Reals:
    """Half a second, 50 ms for each 1,000 tokens and more for long inputs, 4 ms for each 1,000 from a cache."""
    return 0.5 + 5e-5 * fresh + 6e-10 * np.square(fresh) + 4e-6 * cached


def _told(caches: bool, seed: int = 4) -> tuple[Scene, Units, Reals, Reals]:
    """Executions of three calls, of which the later ones read again what the first did, from a cache or not; with them
    what their calls read and what took no time to be read at all."""
    chance = np.random.default_rng(seed)
    context = chance.lognormal(9.5, 0.8, EXECUTIONS)
    first, later = context, np.full(EXECUTIONS, 600.0)
    again = np.zeros(EXECUTIONS) if caches else context
    fresh = np.stack([first, later + again, later + again], axis=1).ravel()
    cached = np.stack([np.zeros(EXECUTIONS), context - again, context - again], axis=1).ravel()
    time = _takes(fresh, cached) * chance.lognormal(-0.02, 0.2, EXECUTIONS * TURNS)
    owners = [f"agent-{row}" for row in range(EXECUTIONS)]
    models = units(
        {
            "duration": time.tolist(), "input_tokens": fresh.tolist(), "cache_read_tokens": cached.tolist(),
            "output_tokens": [300.0] * len(time), "start": np.arange(len(time)).tolist(),
        },
        {"model": ["large"] * len(time), "parent_id": [each for each in owners for _ in range(TURNS)],
         "trace_id": [each for each in owners for _ in range(TURNS)]},
    )  # fmt: skip
    agents = units(
        {
            "duration": time.reshape(-1, TURNS).sum(axis=1).tolist(), "model_calls": [TURNS] * EXECUTIONS,
            "input_tokens": fresh.reshape(-1, TURNS).sum(axis=1).tolist(),
            "cache_read_tokens": cached.reshape(-1, TURNS).sum(axis=1).tolist(),
        },
        {"span_id": owners, "model": ["large"] * EXECUTIONS},
    )  # fmt: skip
    nothing = units({"duration": []})
    history = History(agents, nothing, nothing, nothing, nothing, models, EXECUTIONS)
    return Scene(history, agents), agents, fresh.reshape(-1, TURNS), cached.reshape(-1, TURNS)


def test_half_of_a_context_spares_more_than_half_of_a_line() -> None:
    """Leaving out half of the tokens spares what the calls took beyond those with half as many."""
    scene, agents, fresh, cached = _told(caches=True)
    spared = Reading(scene).spared(agents, fresh.sum(axis=1) / 2)
    assert spared is not None
    truth = (_takes(fresh, cached) - _takes(fresh / 2, cached / 2)).sum() / agents["duration"].sum()
    low, high = interval(spared.share)
    assert low <= truth <= high
    assert high - low < 0.1


def test_what_was_sent_again_would_have_come_from_the_cache() -> None:
    """Where a cache is missed, reading from it is not for nothing, and the first call has to read it in any case."""
    scene, agents, fresh, _ = _told(caches=False)
    repeated = fresh[:, :1].repeat(2, axis=1)
    spared = Reading(scene).spared(agents, repeated.sum(axis=1), again=True)
    assert spared is not None
    nothing = np.zeros_like(repeated)
    truth = (_takes(fresh[:, 1:], nothing) - _takes(fresh[:, 1:] - repeated, repeated)).sum()
    assert spared.share.value == pytest.approx(truth / agents["duration"].sum(), rel=0.1)
    assert spared.seconds.sum() <= agents["duration"].sum()


def test_calls_that_lie_deeper_count_as_alike() -> None:
    """An execution whose calls are below another span is known by its sums."""
    scene, agents, fresh, _ = _told(caches=True)
    elsewhere = Units(agents.numbers, {**agents.words, "span_id": agents.words["trace_id"]})
    spared = Reading(scene).spared(elsewhere, fresh.sum(axis=1) / 2)
    assert spared is not None
    assert 0 < spared.share.value < 1


def test_a_model_of_which_nothing_is_known_has_no_answer() -> None:
    """Neither tokens nor enough calls: no cost is made up."""
    scene, agents, fresh, _ = _told(caches=True)
    few = Scene(History(agents, *[units({"duration": []})] * 4, scene.history.models.take(np.arange(9)), 3), agents)
    assert Reading(few).spared(agents, fresh.sum(axis=1)) is None
