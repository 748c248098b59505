"""What an installation may want to change: targets, windows, thresholds, and how many executions are enough to tell."""

from dataclasses import dataclass
from typing import Final

from tachograph.measure.kpis import FIGURES

# The targets are declared once, where the command line has them.
TARGETS: Final = {(figure.category, figure.name): figure.target for figure in FIGURES}
AGENT_SUCCESS: Final = TARGETS["Agent", "success rate"]
RESPONSE_SECONDS: Final = TARGETS["Agent", "average response time"]
TOKEN_EFFICIENCY: Final = TARGETS["Agent", "token efficiency"]
RECIPE_SUCCESS: Final = TARGETS["Recipe", "success rate"]
TIME_SAVED: Final = TARGETS["Recipe", "time savings"]
CLI_ADOPTION: Final = TARGETS["Tool", "CLI adoption"]
COMMAND_ERRORS: Final = TARGETS["Tool", "error rate"]


@dataclass(frozen=True)
class Burn:
    """How fast an error budget may be used up: `factor` times too fast, over a long window and still over a short."""

    factor: float
    long: str
    short: str


FAST: Final = Burn(14.4, "1h", "5m")
SLOW: Final = Burn(6, "6h", "30m")
# 14.4 times a budget of 10 % is more than everything. What fails this often is as bad as it can be told from few runs.
HIGHEST_ERROR_RATIO: Final = 0.9

GAUGE_WINDOW: Final = "24h"  # of the gauges, as in the Python exporter
WINDOWS: Final = ("5m", "30m", "1h", "6h", GAUGE_WINDOW)

# Executions, scores and tokens below which an alert keeps silent.
ENOUGH: Final = 10
ENOUGH_FOR_TARGET: Final = 30
ENOUGH_COMMANDS: Final = 20
ENOUGH_SCORES: Final = 5
ENOUGH_TOKENS: Final = 10_000

SLOWER: Final = 1.5  # times the duration of the same hour last week
FEWER_SUCCESSES: Final = 0.15  # below the success rate of the same hour last week
QUALITY_DROP: Final = 1.0  # points of 10
SATISFACTION_DROP: Final = 0.5  # points of 5
QUEUE_FILLED: Final = 0.8

JOB: Final = "dev_agency"  # the scrape of the Collector's metrics about agents, recipes and commands
COLLECTOR_JOB: Final = "otelcol"  # the scrape of the Collector's metrics about itself
# Alerts link to its sections; put the address here under which your people read the file.
RUNBOOKS: Final = "grafana/runbooks.md"
