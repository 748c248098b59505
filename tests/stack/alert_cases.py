"""For each alert time series that make it fire, others that stay just below, and a time at which it is over.

Values are in promtool's notation: `0+3x60` starts at 0 and grows by 3 sixty times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitoring.units import AGENT, COMMAND, RECIPE, Unit

Series = dict[str, str]


@dataclass(frozen=True)
class Case:
    """`fires` is the time at which it must fire, with `summary`; `over` a later one at which it no longer does.

    `below` are label sets that never fire, `labels` the ones that do.
    """

    alert: str
    series: Series
    labels: Mapping[str, str]
    summary: str
    fires: str
    over: str
    below: Sequence[str] = ()
    step: str = "1m"
    quiet: Series = field(default_factory=dict)  # where nothing tells label sets apart: series of a run of their own


def counter(*stretches: tuple[float, int], start: float = 0) -> str:
    """A counter that grows by so much a step for so many steps, stretch after stretch."""
    parts, value = [], start
    for growth, steps in stretches:
        parts.append(f"{value:g}+{growth:g}x{steps - 1}")
        value = round(value + growth * steps, 6)
    return " ".join([*parts, f"{value:g}"])


def steady(*stretches: tuple[float, int]) -> str:
    """A gauge that has a value for so many steps, stretch after stretch."""
    return " ".join(f"{value:g}x{steps - 1}" for value, steps in stretches)


def ended(unit: Unit, name: str, failures: float, successes: float, bad: int, good: int) -> Series:
    """Executions each step: failing for `bad` steps, then only succeeding for `good` ones."""
    more = 'task_complexity="simple", ' if unit is AGENT else ""
    of = f'{unit.executions.prometheus_name}{{{unit.label}="{name}", {more}outcome='
    return {
        f'{of}"failure"}}': counter((failures, bad), (0, good)),
        f'{of}"success"}}': counter((successes, bad), (failures + successes, good)),
        f'{of}"skip"}}': counter((50, bad + good)),  # counts nowhere
    }


def took(unit: Unit, name: str, *stretches: tuple[float, float, int]) -> Series:
    """Successful executions: so many each step, of so many seconds each, for so many steps."""
    more = ', task_complexity="simple"' if unit is AGENT else ""
    of = f'{{{unit.label}="{name}"{more}'
    counts = counter(*((number, steps) for number, _, steps in stretches))
    sums = counter(*((round(number * seconds, 6), steps) for number, seconds, steps in stretches))
    duration = unit.duration.prometheus_name
    executed = f'{unit.executions.prometheus_name}{of}, outcome="success"}}'
    return {executed: counts, f"{duration}_count{of}}}": counts, f"{duration}_sum{of}}}": sums}


def success_cases(unit: Unit, limits: Sequence[int]) -> list[Case]:
    """The three alerts on a success rate; `limits` are the shares of failures, in percent, at which they fire."""
    fast, slow, target = limits
    what = unit.word.lower()

    def case(kind: str, limit: int, says: str, fires: str, over: str, bad: int, few: float) -> Case:
        series = {
            **ended(unit, "bad", limit + 1, 99 - limit, bad, 400),
            **ended(unit, "near", limit - 1, 101 - limit, bad, 400),
            **ended(unit, "quiet", few, 0, bad, 400),
        }
        summary = f"{what} bad {says}"
        return Case(f"DevAgency{unit.word}Success{kind}", series, {unit.label: "bad"}, summary, fires, over, _OTHERS)

    return [
        case("FastBurn", fast, f"fails: {fast + 1}% of its executions in 1h", "70m", "100m", 90, 0.14),
        case("SlowBurn", slow, f"fails: {slow + 1}% of its executions in 6h", "90m", "140m", 95, 0.05),
        case("BelowTarget", target, f"succeeded in {99 - target}% of its executions in 24h", "120m", "300m", 125, 0.1),
    ]


_OTHERS = ("near", "quiet")
_WEEK = 2520  # steps of four minutes


def week_cases(unit: Unit) -> list[Case]:
    """The two alerts that compare with the same hour last week: after a steady week it gets worse, then well again."""
    label, what = unit.label, unit.word.lower()
    slower = {
        **took(unit, "bad", (2, 2, _WEEK), (2, 3.2, 30), (2, 2, 60)),
        **took(unit, "near", (2, 2, _WEEK), (2, 2.8, 30), (2, 2, 60)),
        **took(unit, "quiet", (0.5, 2, _WEEK), (0.5, 3.2, 30), (0.5, 2, 60)),
    }
    more = 'task_complexity="simple", ' if unit is AGENT else ""

    def outcomes(name: str, each: float, failing: float) -> Series:
        of = f'{unit.executions.prometheus_name}{{{label}="{name}", {more}outcome='
        return {
            f'{of}"success"}}': counter((each, _WEEK), (each * (1 - failing), 30), (each, 60)),
            f'{of}"failure"}}': counter((0, _WEEK), (each * failing, 30), (0, 60)),
        }

    fails = {**outcomes("bad", 10, 0.16), **outcomes("near", 10, 0.14), **outcomes("quiet", 1, 0.5)}
    after, later = "10180m", "10340m"  # 100 minutes after the week; two hours after it was well again
    name, labels = f"DevAgency{unit.word}", {label: "bad"}
    longer = f"{what} bad takes 1.6 times as long as in this hour last week"
    more_often = f"{what} bad fails 16% of its executions more than in this hour last week"
    return [
        Case(f"{name}SlowerThanLastWeek", slower, labels, longer, after, later, _OTHERS, "4m"),
        Case(f"{name}FailsMoreThanLastWeek", fails, labels, more_often, after, later, _OTHERS, "4m"),
    ]


def _scores(points: str, count: str, labels: str, values: tuple[float, float], each: float = 1) -> Series:
    """Ten days of scores, each step one: the first value for eight days, the second for one, then the first again."""
    before, then = values
    stretches = ((before, 2880), (then, 362), (before, 360))
    return {
        f"{points}{{{labels}}}": counter(*((round(value * each, 6), steps) for value, steps in stretches)),
        f"{count}{{{labels}}}": counter(*((each, steps) for _, steps in stretches)),
    }


def _quality(name: str, values: tuple[float, float], each: float = 1) -> Series:
    labels = f'agent_name="{name}", quality_dimension="overall"'
    return _scores(
        "dev_agency_agent_quality_points_total", "dev_agency_agent_quality_reviews_total", labels, values, each
    )


def _satisfaction(name: str, values: tuple[float, float], each: float = 1) -> Series:
    points, count = "dev_agency_recipe_satisfaction_points_total", "dev_agency_recipe_satisfaction_ratings_total"
    return _scores(points, count, f'recipe_name="{name}"', values, each)


def _tokens(name: str, wasted: float, of: float) -> Series:
    return {
        f'dev_agency_agent_tokens_weighed_total{{agent_name="{name}"}}': counter((of, 500)),
        f'dev_agency_agent_tokens_wasted_total{{agent_name="{name}"}}': counter((wasted, 100), (0, 400)),
    }


def _compared(name: str, used: float, each: float = 1) -> Series:
    return {
        f'dev_agency_recipe_time_used_total{{recipe_name="{name}"}}': counter((used * each, 100), (0.1 * each, 400)),
        f'dev_agency_recipe_time_compared_total{{recipe_name="{name}"}}': counter((each, 500)),
    }


_UP = {
    'up{job="dev_agency", instance="c:9464"}': steady((1, 100)),
    'up{job="otelcol", instance="c:8888"}': steady((1, 100)),
}
_QUEUE = 'otelcol_exporter_queue_size{{exporter="{}", data_type="traces"}}'
_CAPACITY = 'otelcol_exporter_queue_capacity{{exporter="{}", data_type="traces"}}'


def _through_a_restart(growth: float) -> str:
    """Forty minutes, three in which nothing could be read, and an hour from zero again."""
    return f"{counter((growth, 40))} _x2 {counter((growth, 60))}"


_OF = 'dev_agency_agent_invocations_total{agent_name="bad", task_complexity="simple", outcome='
RESTARTED = Case(
    "DevAgencyAgentSuccessFastBurn",
    {f'{_OF}"failure"}}': _through_a_restart(73), f'{_OF}"success"}}': _through_a_restart(27)},
    {"agent_name": "bad"},
    "agent bad fails: 73% of its executions in 1h",
    "60m",
    "200m",
)

CASES: tuple[Case, ...] = (
    *success_cases(AGENT, (72, 30, 5)),
    *success_cases(RECIPE, (90, 60, 10)),
    *week_cases(AGENT),
    *week_cases(RECIPE),
    Case(
        "DevAgencyAgentResponseTime",
        {
            **took(AGENT, "bad", (1, 3.1, 90), (1, 0.1, 90)),
            **took(AGENT, "near", (1, 2.9, 90), (1, 0.1, 90)),
            **took(AGENT, "quiet", (0.1, 9, 180)),
        },
        {"agent_name": "bad"},
        "agent bad takes 3.1s on average",
        "60m",
        "120m",
        _OTHERS,
    ),
    Case(
        "DevAgencyTokenEfficiency",
        {**_tokens("bad", 210, 1000), **_tokens("near", 190, 1000), **_tokens("quiet", 9, 10)},
        {"agent_name": "bad"},
        "agent bad: only 79% of its tokens in 6h were of use",
        "90m",
        "130m",
        _OTHERS,
    ),
    Case(
        "DevAgencyTimeSavings",
        {**_compared("bad", 0.55), **_compared("near", 0.45), **_compared("quiet", 0.9, 0.008)},
        {"recipe_name": "bad"},
        "recipe bad saves 45% of a person's time",
        "90m",
        "150m",
        _OTHERS,
    ),
    Case(
        "DevAgencyCommandErrors",
        {
            **ended(COMMAND, "bad", 6, 94, 60, 100),
            **ended(COMMAND, "near", 4, 96, 60, 100),
            **ended(COMMAND, "quiet", 0.3, 0, 60, 100),
        },
        {"command": "bad"},
        "command bad: 6% of its runs in 1h did not succeed",
        "50m",
        "90m",
        _OTHERS,
    ),
    Case(
        "DevAgencyQualityDropped",
        {**_quality("bad", (8, 6.75)), **_quality("near", (8, 7.25)), **_quality("quiet", (8, 1), 0.01)},
        {"agent_name": "bad", "quality_dimension": "overall"},
        "agent bad: overall is 1.25 points lower than in the week before",
        "216h",
        "235h",
        _OTHERS,
        "4m",
    ),
    Case(
        "DevAgencySatisfactionDropped",
        {
            **_satisfaction("bad", (4.5, 3.875)),
            **_satisfaction("near", (4.5, 4.125)),
            **_satisfaction("quiet", (4, 1), 0.01),
        },
        {"recipe_name": "bad"},
        "recipe bad: satisfaction is 0.62 points lower than in the week before",
        "216h",
        "235h",
        _OTHERS,
        "4m",
    ),
    Case(
        "DevAgencyTelemetrySilent",
        took(AGENT, "any", (1, 1, _WEEK), (0, 1, 38), (1, 1, 60)),
        {},
        "nothing was seen for an hour; in this hour last week there were 15 executions",
        "10180m",
        "10280m",
        (),
        "4m",
        took(AGENT, "any", (0.6, 1, _WEEK), (0, 1, 38), (0.6, 1, 60)),
    ),
    Case(
        "DevAgencyTelemetryDown",
        {**_UP, 'up{job="dev_agency", instance="c:9464"}': steady((1, 10), (0, 20), (1, 60))},
        {"job": "dev_agency", "instance": "c:9464"},
        "Prometheus cannot read dev_agency c:9464",
        "20m",
        "40m",
        (),
        "1m",
        {**_UP, 'up{job="dev_agency", instance="c:9464"}': steady((1, 10), (0, 4), (1, 60))},
    ),
    Case(
        "DevAgencyTelemetryDropped",
        {
            # It is there only once something is lost, so its first value is a loss already.
            'dev_agency_telemetry_dropped_total{signal="spans", reason="bad"}': "_x9 3x150",
            'dev_agency_telemetry_dropped_total{signal="spans", reason="near"}': "0x160",
        },
        {"signal": "spans", "reason": "bad"},
        "programs lost 3 spans in 1h: bad",
        "20m",
        "80m",
        ("near",),
    ),
    Case(
        "DevAgencyCollectorRefuses",
        {
            'dev_agency_telemetry_dropped_total{signal="traces", reason="refused", receiver="bad"}': counter(
                (4, 30), (0, 60)
            ),
            'dev_agency_telemetry_dropped_total{signal="traces", reason="refused", receiver="near"}': counter((0, 90)),
        },
        {"signal": "traces", "receiver": "bad"},
        "the Collector's receiver bad turned away 60 traces in 15m",
        "25m",
        "50m",
        ("near",),
    ),
    Case(
        "DevAgencyCollectorCannotDeliver",
        {
            'dev_agency_telemetry_dropped_total{signal="traces", reason="send_failed", exporter="bad"}': counter(
                (4, 30), (0, 60)
            ),
            'dev_agency_telemetry_dropped_total{signal="traces", reason="send_failed", exporter="near"}': counter(
                (0, 90)
            ),
        },
        {"signal": "traces", "exporter": "bad"},
        "the Collector gave up on 60 traces for bad in 15m",
        "25m",
        "50m",
        ("near",),
    ),
    Case(
        "DevAgencyCollectorQueueFills",
        {
            _QUEUE.format("bad"): steady((81, 30), (10, 60)),
            _CAPACITY.format("bad"): steady((100, 90)),
            _QUEUE.format("near"): steady((79, 90)),
            _CAPACITY.format("near"): steady((100, 90)),
        },
        {"exporter": "bad", "data_type": "traces"},
        "the Collector's queue for bad (traces) is 81% full",
        "20m",
        "40m",
        ("near",),
    ),
)
