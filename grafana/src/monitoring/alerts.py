"""Alert rules on the key figures and on telemetry itself, each with severity, values and runbook section."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from monitoring import config, promql, units
from monitoring.config import ENOUGH, Burn
from monitoring.units import AGENT, COMMAND, RECIPE, Unit
from tachograph import vocabulary as v

CRITICAL: Final = "critical"  # somebody should look now
WARNING: Final = "warning"  # somebody should look today
INFO: Final = "info"  # worth knowing when planning work


@dataclass(frozen=True)
class Alert:
    """One alert rule. `section` is the heading of its runbook; `summary` holds the values."""

    name: str
    expr: str
    waits: str
    severity: str
    kpi: str
    summary: str
    description: str

    @property
    def runbook(self) -> str:
        """Where it stands what to do."""
        return f"{config.RUNBOOKS}#{self.name.lower()}"

    @property
    def labels(self) -> dict[str, str]:
        """What is routed by."""
        return {"severity": self.severity, "kpi": self.kpi}

    @property
    def annotations(self) -> dict[str, str]:
        """What is read."""
        return {"summary": self.summary, "description": self.description, "runbook_url": self.runbook}

    def as_rule(self) -> dict[str, Any]:
        """As the rule file has it."""
        rule = {"alert": self.name, "expr": self.expr, "for": self.waits}
        return {**rule, "labels": self.labels, "annotations": self.annotations}


def error_ratio(target: float, burn: Burn) -> float:
    """The share of failures at which the budget of a target burns so fast, as far as a share can go."""
    return round(min((1 - target) * burn.factor, config.HIGHEST_ERROR_RATIO), 4)


def enough(series: str, number: int) -> str:
    """A condition beside another one on the same labels."""
    return f"{series} >= {number}"


def burns(unit: Unit, target: float, burn: Burn, severity: str) -> Alert:
    """Failures use up the budget of the target many times too fast, for long and still now."""
    limit = error_ratio(target, burn)
    conditions = (
        f"{unit.failures(burn.long)} >= {limit}",
        f"{unit.failures(burn.short)} >= {limit}",
        enough(unit.executed(burn.long), ENOUGH),
    )
    what = unit.word.lower()
    return Alert(
        f"DevAgency{unit.word}Success{'Fast' if burn is config.FAST else 'Slow'}Burn",
        "\nand ".join(conditions),
        "2m" if burn is config.FAST else "5m",
        severity,
        f"{what}_success_rate",
        f"{what} {{{{ $labels.{unit.label} }}}} fails: {{{{ $value | humanizePercentage }}}} "
        f"of its executions in {burn.long}",
        f"The target is a success rate above {target:.0%}. At a share of failures of {limit:.0%} or more, "
        f"over {burn.long} and over {burn.short}, the allowed failures are used up {limit / (1 - target):.3g} times "
        "too fast.",
    )


def below_target(unit: Unit, target: float) -> Alert:
    """The success rate of a day misses its target, without anything being on fire."""
    missed = f"{promql.name(_RATES[unit])} < {target}"
    what = unit.word.lower()
    return Alert(
        f"DevAgency{unit.word}SuccessBelowTarget",
        f"{missed}\nand {unit.failures('6h')} > {round(1 - target, 4)}\n"
        f"and {enough(unit.executed(config.GAUGE_WINDOW), config.ENOUGH_FOR_TARGET)}",
        "30m",
        INFO,
        f"{what}_success_rate",
        f"{what} {{{{ $labels.{unit.label} }}}} succeeded in {{{{ $value | humanizePercentage }}}} "
        "of its executions in 24h",
        f"The target is above {target:.0%}; it was missed over 24h and over the last 6h.",
    )


_RATES: Final = {AGENT: v.AGENT_SUCCESS_RATE, RECIPE: v.RECIPE_SUCCESS_RATE}


def slower(unit: Unit) -> Alert:
    """Executions take much longer than in the same hour last week."""
    mean, what = unit.duration_mean("1h"), unit.word.lower()
    return Alert(
        f"DevAgency{unit.word}SlowerThanLastWeek",
        f"{mean} / {mean} offset 1w >= {config.SLOWER}\nand {enough(unit.executed('1h'), ENOUGH)}\n"
        f"and {enough(unit.executed('1h') + ' offset 1w', ENOUGH)}",
        "15m",
        WARNING,
        "regression",
        f"{what} {{{{ $labels.{unit.label} }}}} takes {{{{ $value | humanize }}}} times as long "
        "as in this hour last week",
        f"Mean duration over 1h against the same hour last week, with at least {ENOUGH} executions in either. "
        f"It fires from {config.SLOWER} times on.",
    )


def fewer_successes(unit: Unit) -> Alert:
    """Executions succeed much less often than in the same hour last week."""
    failures, what = unit.failures("1h"), unit.word.lower()
    return Alert(
        f"DevAgency{unit.word}FailsMoreThanLastWeek",
        f"{failures} - {failures} offset 1w >= {config.FEWER_SUCCESSES}\n"
        f"and {enough(unit.executed('1h'), 2 * ENOUGH)}\nand {enough(unit.executed('1h') + ' offset 1w', 2 * ENOUGH)}",
        "15m",
        WARNING,
        "regression",
        f"{what} {{{{ $labels.{unit.label} }}}} fails {{{{ $value | humanizePercentage }}}} of its executions more "
        "than in this hour last week",
        f"Share of failures over 1h less that of the same hour last week, with at least {2 * ENOUGH} executions "
        f"in either. It fires from {config.FEWER_SUCCESSES:.0%} on.",
    )


SLOW_AGENT: Final = Alert(
    "DevAgencyAgentResponseTime",
    f"{AGENT.duration_mean('1h')} > {config.RESPONSE_SECONDS:g}\nand {enough(AGENT.executed('1h'), ENOUGH)}",
    "15m",
    WARNING,
    "agent_response_time",
    "agent {{ $labels.agent_name }} takes {{ $value | humanizeDuration }} on average",
    f"The target for the mean duration is below {config.RESPONSE_SECONDS:g} s; this is the mean over 1h.",
)

WASTE: Final = Alert(
    "DevAgencyTokenEfficiency",
    f"{units.EFFICIENCY} < {config.TOKEN_EFFICIENCY}\nand {enough(units.TOKENS, config.ENOUGH_TOKENS)}",
    "15m",
    WARNING,
    "token_efficiency",
    "agent {{ $labels.agent_name }}: only {{ $value | humanizePercentage }} of its tokens in 6h were of use",
    f"Tokens of calls that failed, that repeat an earlier call, or whose execution ended without success are wasted. "
    f"The target is an efficiency above {config.TOKEN_EFFICIENCY:g}.",
)

TIME: Final = Alert(
    "DevAgencyTimeSavings",
    f"{promql.name(v.RECIPE_TIME_SAVED)} < {config.TIME_SAVED}\nand {enough(units.COMPARED, config.ENOUGH_SCORES)}",
    "30m",
    INFO,
    "time_savings",
    "recipe {{ $labels.recipe_name }} saves {{ $value | humanizePercentage }} of a person's time",
    "Mean over the successful executions of 24h of 1 - duration / manual duration. "
    f"The target is above {config.TIME_SAVED:.0%}.",
)

COMMANDS: Final = Alert(
    "DevAgencyCommandErrors",
    f"{COMMAND.failures('1h')} > {config.COMMAND_ERRORS}\nand {enough(COMMAND.executed('1h'), config.ENOUGH_COMMANDS)}",
    "10m",
    WARNING,
    "tool_error_rate",
    "command {{ $labels.command }}: {{ $value | humanizePercentage }} of its runs in 1h did not succeed",
    f"The target is an error rate below {config.COMMAND_ERRORS:.0%}.",
)


def _dropped(gauge: str, count: str, drop: float) -> str:
    before = f"avg_over_time({gauge}[7d] offset 1d)"
    return f"{before} - {gauge} >= {drop}\nand {enough(count, config.ENOUGH_SCORES)}"


QUALITY: Final = Alert(
    "DevAgencyQualityDropped",
    _dropped(promql.name(v.AGENT_QUALITY), units.REVIEWS, config.QUALITY_DROP),
    "30m",
    WARNING,
    "quality",
    'agent {{ $labels.agent_name }}: {{ $labels.quality_dimension }} is {{ $value | printf "%.2f" }} points lower '
    "than in the week before",
    f"Mean score of 24h (0-10) against the seven days before it, with at least {config.ENOUGH_SCORES} scores. "
    f"It fires from {config.QUALITY_DROP:g} point on.",
)

SATISFACTION: Final = Alert(
    "DevAgencySatisfactionDropped",
    _dropped(promql.name(v.RECIPE_SATISFACTION), units.RATINGS, config.SATISFACTION_DROP),
    "30m",
    WARNING,
    "satisfaction",
    'recipe {{ $labels.recipe_name }}: satisfaction is {{ $value | printf "%.2f" }} points lower '
    "than in the week before",
    f"Mean rating of 24h (1-5) against the seven days before it, with at least {config.ENOUGH_SCORES} ratings. "
    f"It fires from {config.SATISFACTION_DROP:g} points on.",
)

SILENT: Final = Alert(
    "DevAgencyTelemetrySilent",
    f"{units.EXECUTIONS} offset 1w >= {ENOUGH}\nunless {units.EXECUTIONS} > 0",
    "15m",
    WARNING,
    "telemetry",
    "nothing was seen for an hour; in this hour last week there were {{ $value | humanize }} executions",
    "Either nobody works, or what agents, recipes and commands record does not arrive.",
)

DOWN: Final = Alert(
    "DevAgencyTelemetryDown",
    f'up{{job=~"{config.JOB}|{config.COLLECTOR_JOB}"}} == 0\n'
    f'or absent(up{{job="{config.JOB}"}})\nor absent(up{{job="{config.COLLECTOR_JOB}"}})',
    "5m",
    CRITICAL,
    "telemetry",
    "Prometheus cannot read {{ $labels.job }} {{ $labels.instance }}",
    "Nothing is counted while this lasts; all other alerts are blind. What the programs record stays in their spools.",
)

# Of what the Collector counts as lost: at its door, and on the way out. All other reasons are those of programs.
_AT_THE_DOOR: Final = "refused|failed"
_ON_THE_WAY: Final = "send_failed|queue_full"


def _lost(matcher: str, window: str, *labels: str) -> str:
    return f"{promql.counted(promql.series(v.TELEMETRY_DROPPED, matcher), window, *labels)} > 0"


DROPPED: Final = Alert(
    "DevAgencyTelemetryDropped",
    _lost(f'reason!~"{_AT_THE_DOOR}|{_ON_THE_WAY}"', "1h", "signal", "reason"),
    "1m",
    WARNING,
    "telemetry",
    "programs lost {{ $value | humanize }} {{ $labels.signal }} in 1h: {{ $labels.reason }}",
    "Programs could not keep what they recorded. Figures are too low by that much.",
)

REFUSED: Final = Alert(
    "DevAgencyCollectorRefuses",
    _lost(f'reason=~"{_AT_THE_DOOR}"', "15m", "signal", "receiver"),
    "5m",
    WARNING,
    "telemetry",
    "the Collector's receiver {{ $labels.receiver }} turned away {{ $value | humanize }} {{ $labels.signal }} in 15m",
    "It is short of memory, or what comes after its receivers fails. Senders that do not try again lose this.",
)

UNDELIVERED: Final = Alert(
    "DevAgencyCollectorCannotDeliver",
    _lost(f'reason=~"{_ON_THE_WAY}"', "15m", "signal", "exporter"),
    "5m",
    WARNING,
    "telemetry",
    "the Collector gave up on {{ $value | humanize }} {{ $labels.signal }} for {{ $labels.exporter }} in 15m",
    "The backend behind this exporter refuses them, or cannot be reached for longer than they are kept.",
)

QUEUE: Final = Alert(
    "DevAgencyCollectorQueueFills",
    f"{promql.QUEUE} >= {config.QUEUE_FILLED}",
    "10m",
    WARNING,
    "telemetry",
    "the Collector's queue for {{ $labels.exporter }} ({{ $labels.data_type }}) is {{ $value | humanizePercentage }} "
    "full",
    "What does not fit into a full queue is lost. The backend behind this exporter is too slow or away.",
)


def _alerts() -> Iterator[Alert]:
    for unit, target in ((AGENT, config.AGENT_SUCCESS), (RECIPE, config.RECIPE_SUCCESS)):
        yield burns(unit, target, config.FAST, CRITICAL)
        yield burns(unit, target, config.SLOW, WARNING)
        yield below_target(unit, target)
        yield slower(unit)
        yield fewer_successes(unit)
    yield from (SLOW_AGENT, WASTE, TIME, COMMANDS, QUALITY, SATISFACTION)
    yield from (SILENT, DOWN, DROPPED, REFUSED, UNDELIVERED, QUEUE)


ALERTS: Final = tuple(_alerts())
