"""The seven key figures against their targets, and how they move."""

from typing import Final

from monitoring import config, sql
from monitoring import expressions as e
from monitoring.page import Page, Row, spans_source
from monitoring.panels import DOLLARS, NUMBER, SECONDS, SHARE, Target, bars, figure, from_sql, trend, words

_AGENTS = Target(config.AGENT_SUCCESS)
_TIME = Target(config.RESPONSE_SECONDS, above=False)
_TOKENS = Target(config.TOKEN_EFFICIENCY)
_RECIPES = Target(config.RECIPE_SUCCESS)
_SAVED = Target(config.TIME_SAVED)
_ADOPTION = Target(config.CLI_ADOPTION)
_ERRORS = Target(config.COMMAND_ERRORS, above=False)

FIGURES: Final = Row(
    "Key figures over the whole range",
    (
        figure(
            "Agents: success",
            "Successful share of all agent executions. Target: above 95 %.",
            e.AGENT_SUCCESS,
            SHARE,
            _AGENTS,
        ),
        figure(
            "Agents: mean time", "Mean duration of agent executions. Target: below 3 s.", e.RESPONSE, SECONDS, _TIME
        ),
        figure(
            "Agents: token efficiency", "1 − wasted ÷ total tokens. Target: above 80 %.", e.EFFICIENCY, SHARE, _TOKENS
        ),
        figure(
            "Recipes: success",
            "Successful share of all recipe executions. Target: above 90 %.",
            e.RECIPE_SUCCESS,
            SHARE,
            _RECIPES,
        ),
        figure(
            "Recipes: time saved",
            "Mean of 1 − duration ÷ what the work takes a person, over successful executions. Target: above 50 %.",
            e.TIME_SAVED,
            SHARE,
            _SAVED,
        ),
        from_sql(
            "Tools: adoption",
            "Users who ran a command ÷ users seen; sessions stand in where users are unknown. Metrics name no users, "
            "so this is asked of the spans in ClickHouse; `tachograph report` says it without. Target: above 80 %.",
            sql.ADOPTION,
            SHARE,
            _ADOPTION,
        ),
        figure(
            "Tools: errors",
            "Share of commands that did not succeed. Target: below 5 %.",
            e.COMMAND_ERRORS,
            SHARE,
            _ERRORS,
        ),
        figure("Cost", "Cost of all model calls whose cost is known.", e.COST, DOLLARS),
    ),
    height=5,
)

TRENDS: Final = Row(
    "Trends",
    (
        trend(
            "Agents: success", "Successful share of agent executions.", [e.AGENT_SUCCESS_TREND], SHARE, target=_AGENTS
        ),
        trend(
            "Agents: time",
            "Mean, median and 95th percentile of agent executions; exemplars on them lead to traces.",
            [e.RESPONSE_TREND, e.RESPONSE_MEDIAN, e.RESPONSE_P95],
            SECONDS,
            target=_TIME,
        ),
        trend("Agents: token efficiency", "1 − wasted ÷ total tokens.", [e.EFFICIENCY_TREND], SHARE, target=_TOKENS),
    ),
)

MORE_TRENDS: Final = Row(
    "Recipes and tools",
    (
        trend(
            "Recipes: success",
            "Successful share of recipe executions.",
            [e.RECIPE_SUCCESS_TREND],
            SHARE,
            target=_RECIPES,
        ),
        trend(
            "Recipes: time saved", "Mean of 1 − duration ÷ a person's time.", [e.TIME_SAVED_TREND], SHARE, target=_SAVED
        ),
        trend(
            "Tools: errors", "Share of commands that did not succeed.", [e.COMMAND_ERRORS_TREND], SHARE, target=_ERRORS
        ),
    ),
)

VOLUME: Final = Row(
    "How much there was",
    (
        trend("Executions", "Executions in the window before each point; skipped ones do not count.", e.VOLUME, NUMBER),
        trend(
            "Tokens",
            "Tokens by type: input that was not cached, cache, output.",
            [e.TOKENS_TREND],
            NUMBER,
            stacked=True,
        ),
        trend("Cost by model", "Cost of model calls where it is known.", [e.COST_TREND], DOLLARS, stacked=True),
    ),
)

ALERTS: Final = Row(
    "What needs somebody",
    (
        bars("Firing alerts", "Alerts that fire now, by their name.", e.FIRING, NUMBER),
        words(
            "What to do",
            "Where an alert or a red figure is explained.",
            "Every alert has a section in `grafana/runbooks.md`: what it means, what to look at, what to do.\n\n"
            "`tachograph report` gives each key figure with its interval, and says which changes are more than chance.",
        ),
    ),
    height=6,
    widths=(16, 8),
)

PAGE: Final = Page(
    "overview",
    "tachograph / Overview",
    "Seven key figures of agents, recipes and command-line tools against their targets.",
    (FIGURES, TRENDS, MORE_TRENDS, VOLUME, ALERTS),
    (spans_source(),),
)
