"""How much there was to do, as far as what models wrote meanwhile tells: a host that is short of something makes nobody
write more."""

import numpy as np

from tachograph.records.history import MISSING, Reals, Units


def written(units: Units) -> list[Reals]:
    """The logarithm of output tokens of each unit, as a column for a regression; none where nobody wrote anything."""
    return _column(np.nan_to_num(units["output_tokens"]))


def written_around(calls: Units, workers: Units) -> list[Reals]:
    """The same for calls of tools, by the worker that made each."""
    words, parents = workers.words["span_id"], calls.words["parent_id"]
    amount_of = dict(
        zip((words.names[code] for code in words.codes.tolist()), workers["output_tokens"].tolist(), strict=True)
    )
    amounts = np.array([amount_of.get(name, 0.0) for name in parents.names] or [0.0])
    return _column(np.nan_to_num(np.where(parents.codes == MISSING, 0.0, amounts[parents.codes])))


def _column(tokens: Reals) -> list[Reals]:
    return [np.log1p(tokens)] if np.any(tokens > 0) and np.ptp(tokens) > 0 else []
