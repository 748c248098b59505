"""Every PromQL expression of a panel, by name; panels say how it looks, this says what it is."""

from dataclasses import dataclass
from typing import Final

from monitoring import config, promql
from monitoring.promql import COUNTS, counted, mean, mean_of, quantile, series, success_rate
from tachograph import vocabulary as v
from tachograph.vocabulary import Metric

RANGE: Final = "$__range"  # what the whole dashboard shows
WINDOW: Final = "$window"  # over which each point of a trend looks back

_AGENT: Final = ('agent_name=~"$agent"',)
_RECIPE: Final = ('recipe_name=~"$recipe"',)
_COMMAND: Final = ('command=~"$command"',)


@dataclass(frozen=True)
class Expression:
    """PromQL with the legend of its series. `sparse` where a healthy system may have no data for it."""

    expr: str
    legend: str = ""
    sparse: bool = False


# --- the key figures over the whole range, and over time ---
AGENT_SUCCESS: Final = Expression(success_rate(v.AGENT_INVOCATIONS, RANGE))
AGENT_SUCCESS_TREND: Final = Expression(success_rate(v.AGENT_INVOCATIONS, WINDOW), "agents")
RESPONSE: Final = Expression(mean_of(v.AGENT_DURATION, RANGE))
RESPONSE_TREND: Final = Expression(mean_of(v.AGENT_DURATION, WINDOW), "mean")
RESPONSE_MEDIAN: Final = Expression(quantile(0.5, v.AGENT_DURATION, WINDOW), "p50")
RESPONSE_P95: Final = Expression(quantile(0.95, v.AGENT_DURATION, WINDOW), "p95")
EFFICIENCY: Final = Expression(promql.token_efficiency(RANGE))
EFFICIENCY_TREND: Final = Expression(promql.token_efficiency(WINDOW), "all agents")
RECIPE_SUCCESS: Final = Expression(success_rate(v.RECIPE_EXECUTIONS, RANGE))
RECIPE_SUCCESS_TREND: Final = Expression(success_rate(v.RECIPE_EXECUTIONS, WINDOW), "recipes")
TIME_SAVED: Final = Expression(promql.time_saved(RANGE))
TIME_SAVED_TREND: Final = Expression(promql.time_saved(WINDOW), "all recipes")
COMMAND_ERRORS: Final = Expression(f"1 - {success_rate(v.CLI_COMMANDS, RANGE)}")
COMMAND_ERRORS_TREND: Final = Expression(f"1 - {success_rate(v.CLI_COMMANDS, WINDOW)}", "commands")

# --- volume ---
_DONE: Final = {"agents": v.AGENT_INVOCATIONS, "recipes": v.RECIPE_EXECUTIONS, "commands": v.CLI_COMMANDS}
VOLUME: Final = tuple(Expression(counted(series(metric, COUNTS), WINDOW), word) for word, metric in _DONE.items())
COST: Final = Expression(counted(series(v.AGENT_COST), RANGE))
COST_TREND: Final = Expression(counted(series(v.AGENT_COST), WINDOW, "model"), "{{model}}")
TOKENS_TREND: Final = Expression(counted(series(v.AGENT_TOKENS), WINDOW, "token_type"), "{{token_type}}")
FIRING: Final = Expression(
    'count by (alertname, severity) (ALERTS{alertstate="firing", alertname=~"DevAgency.*"})',
    "{{alertname}}",
    sparse=True,
)
FIRED: Final = Expression(
    'ALERTS{alertstate="firing", alertname=~"DevAgency.*", severity=~"critical|warning"}', sparse=True
)


def _count(metric: Metric, matchers: tuple[str, ...], window: str, *labels: str) -> str:
    return counted(series(metric, *matchers), window, *labels)


# --- agents ---
_BY_AGENT: Final = "agent_name"
AGENT_TABLE: Final = {
    "Executions": Expression(_count(v.AGENT_INVOCATIONS, (COUNTS, *_AGENT), RANGE, _BY_AGENT)),
    "Success": Expression(success_rate(v.AGENT_INVOCATIONS, RANGE, _BY_AGENT, matchers=_AGENT)),
    "Mean": Expression(mean_of(v.AGENT_DURATION, RANGE, _BY_AGENT, matchers=_AGENT)),
    "p95": Expression(quantile(0.95, v.AGENT_DURATION, RANGE, _BY_AGENT, matchers=_AGENT)),
    "Tokens": Expression(_count(v.AGENT_TOKENS, _AGENT, RANGE, _BY_AGENT)),
    "Efficiency": Expression(promql.token_efficiency(RANGE, _BY_AGENT, matchers=_AGENT)),
    "Cost": Expression(_count(v.AGENT_COST, _AGENT, RANGE, _BY_AGENT)),
    "Cost per success": Expression(
        mean(
            _count(v.AGENT_COST, _AGENT, RANGE, _BY_AGENT),
            _count(v.AGENT_INVOCATIONS, (promql.SUCCEEDED, *_AGENT), RANGE, _BY_AGENT),
        )
    ),
}
AGENTS_SUCCESS: Final = Expression(
    success_rate(v.AGENT_INVOCATIONS, WINDOW, _BY_AGENT, matchers=_AGENT), "{{agent_name}}"
)
AGENTS_MEAN: Final = Expression(mean_of(v.AGENT_DURATION, WINDOW, _BY_AGENT, matchers=_AGENT), "{{agent_name}}")
AGENTS_P95: Final = Expression(quantile(0.95, v.AGENT_DURATION, WINDOW, _BY_AGENT, matchers=_AGENT), "{{agent_name}}")
AGENTS_OUTCOMES: Final = Expression(_count(v.AGENT_INVOCATIONS, _AGENT, WINDOW, "outcome"), "{{outcome}}")
AGENTS_ERRORS: Final = Expression(
    _count(v.AGENT_ERRORS, _AGENT, RANGE, "agent_name", "error_type"), "{{agent_name}}: {{error_type}}", sparse=True
)
AGENTS_TOKENS: Final = Expression(_count(v.AGENT_TOKENS, _AGENT, WINDOW, "token_type"), "{{token_type}}")
AGENTS_CACHED: Final = Expression(
    promql.part_of(
        _count(v.AGENT_TOKENS, ('token_type="cache_read"', *_AGENT), WINDOW, _BY_AGENT),
        _count(v.AGENT_TOKENS, ('token_type!="output"', *_AGENT), WINDOW, _BY_AGENT),
    ),
    "{{agent_name}}",
)
AGENTS_EFFICIENCY: Final = Expression(promql.token_efficiency(WINDOW, _BY_AGENT, matchers=_AGENT), "{{agent_name}}")
AGENTS_COST: Final = Expression(_count(v.AGENT_COST, _AGENT, WINDOW, _BY_AGENT, "model"), "{{agent_name}} on {{model}}")
AGENTS_CONTEXT: Final = Expression(
    quantile(0.95, v.AGENT_CONTEXT_SIZE, WINDOW, _BY_AGENT, matchers=_AGENT), "{{agent_name}}"
)
AGENTS_BY_COMPLEXITY: Final = Expression(
    success_rate(v.AGENT_INVOCATIONS, RANGE, "task_complexity", matchers=_AGENT), "{{task_complexity}}"
)

# --- recipes ---
_BY_RECIPE: Final = "recipe_name"
_BY_STEP: Final = ("recipe_name", "step_name")
RECIPE_TABLE: Final = {
    "Executions": Expression(_count(v.RECIPE_EXECUTIONS, (COUNTS, *_RECIPE), RANGE, _BY_RECIPE)),
    "Success": Expression(success_rate(v.RECIPE_EXECUTIONS, RANGE, _BY_RECIPE, matchers=_RECIPE)),
    "Mean": Expression(mean_of(v.RECIPE_DURATION, RANGE, _BY_RECIPE, matchers=_RECIPE)),
    "p95": Expression(quantile(0.95, v.RECIPE_DURATION, RANGE, _BY_RECIPE, matchers=_RECIPE)),
    "Time saved": Expression(promql.time_saved(RANGE, _BY_RECIPE, matchers=_RECIPE)),
    "Satisfaction": Expression(
        mean(
            _count(v.SATISFACTION_POINTS, _RECIPE, RANGE, _BY_RECIPE),
            _count(v.SATISFACTION_RATINGS, _RECIPE, RANGE, _BY_RECIPE),
        )
    ),
}
STEP_TABLE: Final = {
    "Executions": Expression(_count(v.RECIPE_STEPS, (COUNTS, *_RECIPE), RANGE, *_BY_STEP)),
    "Success": Expression(success_rate(v.RECIPE_STEPS, RANGE, *_BY_STEP, matchers=_RECIPE)),
    "Mean": Expression(mean_of(v.RECIPE_STEP_DURATION, RANGE, *_BY_STEP, matchers=_RECIPE)),
    "p95": Expression(quantile(0.95, v.RECIPE_STEP_DURATION, RANGE, *_BY_STEP, matchers=_RECIPE)),
}
RECIPES_SUCCESS: Final = Expression(
    success_rate(v.RECIPE_EXECUTIONS, WINDOW, _BY_RECIPE, matchers=_RECIPE), "{{recipe_name}}"
)
RECIPES_P95: Final = Expression(
    quantile(0.95, v.RECIPE_DURATION, WINDOW, _BY_RECIPE, matchers=_RECIPE), "{{recipe_name}}"
)
RECIPES_TIME_SAVED: Final = Expression(promql.time_saved(WINDOW, _BY_RECIPE, matchers=_RECIPE), "{{recipe_name}}")
RECIPES_SATISFACTION: Final = Expression(
    f"avg by (recipe_name) ({series(v.RECIPE_SATISFACTION, *_RECIPE)})", "{{recipe_name}}"
)
STEPS_MEAN: Final = Expression(
    mean_of(v.RECIPE_STEP_DURATION, WINDOW, *_BY_STEP, matchers=_RECIPE), "{{recipe_name}}/{{step_name}}"
)
CRITICAL: Final = Expression(
    _count(v.CRITICAL_SECONDS, _RECIPE, RANGE, "recipe_name", "component"), "{{recipe_name}}: {{component}}"
)
CRITICAL_TREND: Final = Expression(_count(v.CRITICAL_SECONDS, _RECIPE, WINDOW, "component"), "{{component}}")

# --- command-line tools ---
_BY_COMMAND: Final = "command"
COMMAND_TABLE: Final = {
    "Runs": Expression(_count(v.CLI_COMMANDS, (COUNTS, *_COMMAND), RANGE, _BY_COMMAND)),
    "Errors": Expression(f"1 - {success_rate(v.CLI_COMMANDS, RANGE, _BY_COMMAND, matchers=_COMMAND)}"),
    "p50": Expression(quantile(0.5, v.CLI_DURATION, RANGE, _BY_COMMAND, matchers=_COMMAND)),
    "p95": Expression(quantile(0.95, v.CLI_DURATION, RANGE, _BY_COMMAND, matchers=_COMMAND)),
}
COMMANDS_RUNS: Final = Expression(_count(v.CLI_COMMANDS, (COUNTS, *_COMMAND), WINDOW, _BY_COMMAND), "{{command}}")
COMMANDS_ERRORS: Final = Expression(
    f"1 - {success_rate(v.CLI_COMMANDS, WINDOW, _BY_COMMAND, matchers=_COMMAND)}", "{{command}}"
)
COMMANDS_P95: Final = Expression(quantile(0.95, v.CLI_DURATION, WINDOW, _BY_COMMAND, matchers=_COMMAND), "{{command}}")
COMMANDS_OUTCOMES: Final = Expression(_count(v.CLI_COMMANDS, _COMMAND, WINDOW, "outcome"), "{{outcome}}")

# --- quality ---
QUALITY: Final = Expression(
    f"avg by (agent_name, quality_dimension) ({series(v.AGENT_QUALITY, *_AGENT)})",
    "{{agent_name}}: {{quality_dimension}}",
)
QUALITY_NOW: Final = Expression(
    mean(
        _count(v.QUALITY_POINTS, _AGENT, RANGE, "quality_dimension"),
        _count(v.QUALITY_REVIEWS, _AGENT, RANGE, "quality_dimension"),
    ),
    "{{quality_dimension}}",
)
QUALITY_REVIEWS: Final = Expression(_count(v.QUALITY_REVIEWS, _AGENT, RANGE, "agent_name"), "{{agent_name}}")
_NOW_MEAN, _WEEK_AGO = "agent_name:dev_agency_agent_duration_seconds:mean1h", "offset 1w"
SLOWER: Final = Expression(
    f'{_NOW_MEAN}{{agent_name=~"$agent"}} / {_NOW_MEAN}{{agent_name=~"$agent"}} {_WEEK_AGO}',
    "{{agent_name}}",
    sparse=True,
)
BURN: Final = tuple(
    Expression(
        f'agent_name:dev_agency_agent_invocations_total:error_ratio{window}{{agent_name=~"$agent"}} / '
        f"{round(1 - config.AGENT_SUCCESS, 4)}",
        f"{{{{agent_name}}}} over {window}",
    )
    for window in (config.FAST.long, config.SLOW.long)
)

# --- telemetry itself ---
UP: Final = Expression(f'up{{job=~"{config.JOB}|{config.COLLECTOR_JOB}"}}', "{{job}} {{instance}}")
EXECUTIONS_SEEN: Final = Expression("dev_agency:executions:increase1h", "executions")
EXECUTIONS_LAST_WEEK: Final = Expression("dev_agency:executions:increase1h offset 1w", "a week before", sparse=True)
DROPPED: Final = Expression(
    counted(series(v.TELEMETRY_DROPPED), RANGE, "signal", "reason"), "{{signal}}: {{reason}}", sparse=True
)
ACCEPTED: Final = Expression(promql.grew("receiver_accepted", WINDOW, "receiver"), "{{receiver}} accepted", sparse=True)
REFUSED: Final = Expression(promql.grew("receiver_refused", WINDOW, "receiver"), "{{receiver}} refused", sparse=True)
SENT: Final = Expression(promql.grew("exporter_sent", WINDOW, "exporter"), "{{exporter}} sent", sparse=True)
FAILED: Final = Expression(promql.grew("exporter_send_failed", WINDOW, "exporter"), "{{exporter}} failed", sparse=True)
QUEUE: Final = Expression(
    promql.QUEUE,
    "{{exporter}} {{data_type}}",
    sparse=True,
)
MEMORY: Final = Expression(
    "otelcol_process_memory_rss or otelcol_process_memory_rss_bytes", "{{instance}}", sparse=True
)
SERIES: Final = Expression(
    'count by (__name__) ({__name__=~"dev_agency_.+_total|dev_agency_.+_count"})', "{{__name__}}"
)


def _overflowing(label: str) -> str:
    return f'{{__name__=~"dev_agency_.+", {label}="{v.OTHER_VALUE}"}}'


OVERFLOW: Final = Expression(
    f"count by (__name__) ({' or '.join(map(_overflowing, ('agent_name', 'recipe_name', 'step_name', 'command')))})",
    "{{__name__}}",
    sparse=True,
)


def every() -> dict[str, Expression]:
    """All of them by name, for whoever checks them."""
    found: dict[str, Expression] = {}
    for name, value in globals().items():
        parts = (
            value.items()
            if isinstance(value, dict)
            else enumerate(value)
            if isinstance(value, tuple)
            else [("", value)]
        )
        found.update({f"{name} {key}".strip(): part for key, part in parts if isinstance(part, Expression)})
    return found
