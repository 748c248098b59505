"""What calls made again cost: the time that they took, and that of reading what they put into the conversation."""

from dataclasses import dataclass, replace

import numpy as np

from tachograph.detect.candidate import time_lost
from tachograph.detect.conversations import Conversations
from tachograph.detect.reading import Reading
from tachograph.measure.inference import Estimated
from tachograph.records.history import Reals, Units, Wholes


@dataclass(frozen=True, slots=True)
class Again:
    """What is lost at least and at most, and the seconds of each execution that are read on top."""

    least: Estimated
    most: Estimated
    on_top: Reals


def made_again(
    talks: Conversations, reading: Reading, mine: Units, rows: Wholes, spent: Reals, doubtful: Reals
) -> Again:
    """`spent` are the seconds that the calls took, with the turns in which the model asked for them; `doubtful` are
    those that may have been needed, so that they are lost at most. What is read on top is bounded by what the models
    took, and all of it by what there is."""
    on_top, error = _read(talks, reading, mine, rows)
    on_top = np.minimum(on_top, mine["model_time"])
    seen = (time_lost(mine, np.minimum(some + on_top, mine["duration"])) for some in (spent - doubtful, spent))
    least, most = (replace(each, error=float(np.hypot(each.error, error))) for each in seen)
    return Again(least, most, on_top)


def _read(talks: Conversations, reading: Reading, mine: Units, rows: Wholes) -> tuple[Reals, float]:
    """Seconds for reading what came with calls made again, and the error of their share of the time."""
    each = talks.each(rows)
    spared = None if each is None else reading.spared(mine, talks.came(each.value)[rows])
    if each is None or spared is None:
        return np.zeros(len(mine)), 0.0
    of_tokens = spared.share.value * each.error / max(each.value, 1e-9)
    return np.maximum(spared.seconds, 0.0), float(np.hypot(spared.share.error, of_tokens))
