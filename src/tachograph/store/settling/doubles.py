"""Which calls two instrumentations told of: the same call counts once; pure functions on arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tachograph.store.settling.lineage import NONE, Indices, Mask


@dataclass(frozen=True, slots=True)
class Calls:
    """`chosen` are the places of the calls; the rest holds one entry a span, all of one order, codes -1 for unknown.

    `teller` is the instrumentation, `name` what the provider calls the call, `what` the model; `tokens` has a row for
    each part of the usage, all 0 where it is unknown. What `is_hearsay` came from a log event or a session file.
    """

    chosen: Indices
    trace: Indices
    start: Indices
    end: Indices
    teller: Indices
    is_hearsay: Mask
    name: Indices
    what: Indices
    tokens: npt.NDArray[np.int64]


def doubled(calls: Calls) -> Indices:
    """For each call that is left out the one in whose favour, -1 for all others.

    That is another one of the same trace and of overlapping time, which another instrumentation told of and which bears
    the same name, or the same model and tokens where one of the two bears none.
    """
    found = np.full(len(calls.start), NONE, dtype=np.int64)
    by_name = calls.chosen[calls.name[calls.chosen] >= 0]
    _mark(calls, _groups(calls, by_name, [calls.name]), found)
    used = calls.chosen[calls.tokens[:, calls.chosen].sum(axis=0) > 0]
    _mark(calls, _groups(calls, used, [calls.what, *calls.tokens]), found, names_differ=False)
    return found


def _groups(calls: Calls, places: Indices, keys: list[Indices]) -> list[Indices]:
    """The places that agree in their trace and `keys` and were told by more than one, each group by start."""
    if not places.size:
        return []
    columns = np.stack([calls.trace, *keys])[:, places]
    order = np.lexsort((calls.start[places], *columns[::-1]))
    places, columns = places[order], columns[:, order]
    cuts = np.flatnonzero((columns[:, 1:] != columns[:, :-1]).any(axis=0)) + 1
    bounds = np.concatenate([[0], cuts, [len(places)]])
    several = np.flatnonzero(np.diff(bounds) > 1)
    return [places[bounds[at] : bounds[at + 1]] for at in several]


def _mark(calls: Calls, groups: list[Indices], found: Indices, *, names_differ: bool = True) -> None:
    for group in groups:
        if len(np.unique(calls.teller[group])) + len(np.unique(calls.is_hearsay[group])) <= 2:
            continue  # one instrumentation that says the same twice made two calls
        kept: list[tuple[int, set[tuple[int, bool]]]] = []
        for place in _by_trust(calls, group[found[group] < 0]):
            teller = (int(calls.teller[place]), bool(calls.is_hearsay[place]))
            same = next(
                (it for it in kept if teller not in it[1] and _is_same(calls, place, it[0], names_differ)), None
            )
            if same is None:
                kept.append((place, {teller}))
            else:
                found[place], tellers = same
                tellers.add(teller)  # each told of it once: two calls told of twice are two calls


def _by_trust(calls: Calls, group: Indices) -> list[int]:
    """What a span says before what was heard of it, by start."""
    return sorted(group.tolist(), key=lambda place: (bool(calls.is_hearsay[place]), int(calls.start[place])))


def _is_same(calls: Calls, one: int, other: int, names_differ: bool) -> bool:
    overlap = calls.start[one] <= calls.end[other] and calls.start[other] <= calls.end[one]
    differ = not names_differ and min(calls.name[one], calls.name[other]) >= 0  # both named, and not the same
    return bool(overlap and not differ)
