"""What a change to a recipe would bring, by replaying its recorded executions one by one with that change.

    runs = load_runs(store, "fix_bug", window)  # from tachograph.measure.replay.loading, which asks the store
    forecast = predict(runs, Change(parallel=(("test", "security"),)))
    replay(runs.runs[0], Change(drop=("document",)))  # one execution, ms

Nothing that is exported here reaches the store. Each execution is simulated again, as in Mystery Machine (Chow et al.,
OSDI 2014) and blocked-time analysis (Ousterhout et al., NSDI 2015): each step starts when what it waits for has ended,
and as much later as it did; medians of steps are never combined.
"""

from tachograph.measure.replay.changes import Change, conflicts
from tachograph.measure.replay.contention import Contention
from tachograph.measure.replay.forecast import CannotReplay, Forecast, predict, replay, replay_error
from tachograph.measure.replay.runs import Attempt, Run, Runs, Step, build

__all__ = [
    "Attempt",
    "CannotReplay",
    "Change",
    "Contention",
    "Forecast",
    "Run",
    "Runs",
    "Step",
    "build",
    "conflicts",
    "predict",
    "replay",
    "replay_error",
]
