"""Each agent: success, time, tokens, cost, errors, and the traces behind them."""

from typing import Final

from monitoring import config, page
from monitoring import expressions as e
from monitoring import traceql as t
from monitoring.page import Page, Row
from monitoring.panels import (
    DOLLARS,
    NUMBER,
    SECONDS,
    SHARE,
    TIMES,
    Column,
    Target,
    bars,
    found,
    overview,
    traced,
    trend,
)
from tachograph import vocabulary as v

_SUCCESS = Target(config.AGENT_SUCCESS)
_TIME = Target(config.RESPONSE_SECONDS, above=False)
_TOKENS = Target(config.TOKEN_EFFICIENCY)

_COLUMNS = {
    "Success": Column(SHARE, _SUCCESS),
    "Mean": Column(SECONDS, _TIME),
    "p95": Column(SECONDS),
    "Efficiency": Column(SHARE, _TOKENS),
    "Cost": Column(DOLLARS),
    "Cost per success": Column(DOLLARS),
}

PAGE: Final = Page(
    "agents",
    "tachograph / Agents",
    "Success, time, tokens and cost of each agent.",
    (
        Row(
            "All agents over the whole range",
            (
                overview(
                    "Agents",
                    "A row for each agent; its name leads to its traces.",
                    e.AGENT_TABLE,
                    _COLUMNS,
                    ("agent_name", t.OF_AGENT),
                ),
            ),
        ),
        Row(
            "Success",
            (
                trend(
                    "Success",
                    "Successful share of executions.",
                    [e.AGENTS_SUCCESS],
                    SHARE,
                    target=_SUCCESS,
                    drill_down=t.OF_AGENT,
                ),
                trend(
                    "Error budget",
                    "How many times faster than the target allows failures happen; alerts: 14.4 over 1h, 6 over 6h.",
                    e.BURN,
                    TIMES,
                    drill_down=t.OF_AGENT,
                ),
                trend("Outcomes", "Executions by outcome.", [e.AGENTS_OUTCOMES], NUMBER, stacked=True),
            ),
        ),
        Row(
            "Time",
            (
                trend("Mean", "Mean duration.", [e.AGENTS_MEAN], SECONDS, target=_TIME, drill_down=t.OF_AGENT),
                trend(
                    "95th percentile",
                    "One in twenty takes longer; exemplars lead to traces.",
                    [e.AGENTS_P95],
                    SECONDS,
                    drill_down=t.OF_AGENT,
                ),
                traced(
                    "From traces",
                    "Median and 95th percentile as Tempo computes them from spans.",
                    t.AGENT_DURATIONS,
                    SECONDS,
                ),
            ),
        ),
        Row(
            "Tokens and cost",
            (
                trend("Tokens", "By type, each token once.", [e.AGENTS_TOKENS], NUMBER, stacked=True),
                trend(
                    "Efficiency",
                    "1 − wasted ÷ total tokens.",
                    [e.AGENTS_EFFICIENCY],
                    SHARE,
                    target=_TOKENS,
                    drill_down=t.OF_AGENT,
                ),
                trend("Cost", "By agent and model, where it is known.", [e.AGENTS_COST], DOLLARS, stacked=True),
                trend("Cached input", "Share of the input that came from the cache.", [e.AGENTS_CACHED], SHARE),
            ),
        ),
        Row(
            "What it depends on",
            (
                bars("Success by complexity", "Of the chosen agents together.", e.AGENTS_BY_COMPLEXITY, SHARE),
                trend(
                    "Context",
                    "95th percentile of the context handed over, in tokens.",
                    [e.AGENTS_CONTEXT],
                    NUMBER,
                    drill_down=t.OF_AGENT,
                ),
                bars("Errors", "Executions without success by error.", e.AGENTS_ERRORS, NUMBER, drill_down=t.OF_AGENT),
            ),
        ),
        Row(
            "Traces",
            (
                found("Without success", "The latest agent executions that did not succeed.", t.FAILED_AGENTS),
                found("Slow", "Agent executions over 10 s, and what held them up.", t.SLOW_AGENTS),
            ),
        ),
    ),
    (page.names(page.AGENT, "Agent", v.AGENT_INVOCATIONS, "agent_name"),),
)
