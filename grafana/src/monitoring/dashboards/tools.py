"""Command-line tools: how often, how well, how fast; and the tools that agents call."""

from typing import Final

from monitoring import config, page
from monitoring import expressions as e
from monitoring import traceql as t
from monitoring.page import Page, Row
from monitoring.panels import NUMBER, SECONDS, SHARE, Column, Target, found, overview, traced, trend
from tachograph import vocabulary as v

_ERRORS = Target(config.COMMAND_ERRORS, above=False)
_COLUMNS = {"Errors": Column(SHARE, _ERRORS), "p50": Column(SECONDS), "p95": Column(SECONDS)}

PAGE: Final = Page(
    "tools",
    "tachograph / Tools",
    "Command-line tools and the tools that agents call.",
    (
        Row(
            "All commands over the whole range",
            (
                overview(
                    "Commands",
                    "A row for each; its name leads to its traces.",
                    e.COMMAND_TABLE,
                    _COLUMNS,
                    ("command", t.OF_COMMAND),
                ),
            ),
        ),
        Row(
            "Over time",
            (
                trend(
                    "Runs", "Runs in the window before each point.", [e.COMMANDS_RUNS], NUMBER, drill_down=t.OF_COMMAND
                ),
                trend(
                    "Errors",
                    "Share of runs that did not succeed.",
                    [e.COMMANDS_ERRORS],
                    SHARE,
                    target=_ERRORS,
                    drill_down=t.OF_COMMAND,
                ),
                trend(
                    "95th percentile",
                    "One in twenty takes longer; exemplars lead to traces.",
                    [e.COMMANDS_P95],
                    SECONDS,
                    drill_down=t.OF_COMMAND,
                ),
                trend("Outcomes", "Runs by outcome.", [e.COMMANDS_OUTCOMES], NUMBER, stacked=True),
            ),
        ),
        Row(
            "Called by agents",
            (
                traced("Tool calls", "Calls of tools by agents, by tool.", t.TOOL_CALLS, NUMBER),
                traced("Model calls", "Median and 95th percentile by model.", t.MODEL_CALLS, SECONDS),
            ),
        ),
        Row("Traces", (found("Without success", "Commands that did not succeed.", t.FAILED_COMMANDS),)),
    ),
    (page.names(page.COMMAND, "Command", v.CLI_COMMANDS, "command"),),
)
