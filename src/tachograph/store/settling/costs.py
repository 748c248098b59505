"""Which calls cost how much: what is stated, else what the tokens cost; pure functions on arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tachograph.store.settling import calls
from tachograph.store.settling.lineage import Indices, Mask, nearest

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Costs:
    """One entry a span. `usd` is the cost of those that count, 0 for all others; `unpriced` count at an unknown cost.

    `compared` are calls that state a cost beside tokens that have a price.
    """

    usd: Reals
    known: Mask
    unpriced: Mask
    compared: Mask


def costs(parents: Indices, stated: Reals, computed: Reals, metered: Mask, called: Mask) -> Costs:
    """Each call once, at the cost that it states, else at what its tokens cost (NaN: unknown).

    `metered` are the spans that say their usage, `called` model calls that should. A total that is stated around calls
    of which none states its own stands for all of them; a total of tokens around such a call stands for nothing.
    """
    is_stated = ~np.isnan(stated)
    said = calls.leaves(parents, is_stated)
    covered = is_stated | (nearest(parents, said) >= 0)
    used = calls.leaves(parents, metered | is_stated) & ~covered
    silent = calls.leaves(parents, called | metered | is_stated) & ~metered & ~covered & (nearest(parents, used) < 0)
    priced = used & ~np.isnan(computed)
    return Costs(
        usd=np.where(said, stated, np.where(priced, computed, 0.0)),
        known=said | priced,
        unpriced=silent | (used & ~priced),
        compared=said & ~np.isnan(computed),
    )
