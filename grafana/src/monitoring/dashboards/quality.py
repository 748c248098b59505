"""Where time, tokens and quality are lost, and what has become worse."""

from typing import Final

from monitoring import expressions as e
from monitoring import page
from monitoring import traceql as t
from monitoring.page import Page, Row
from monitoring.panels import NUMBER, SCORE, TIMES, Target, bars, found, traced, trend
from tachograph import vocabulary as v

PAGE: Final = Page(
    "quality",
    "tachograph / Bottlenecks and quality",
    "Scores of reviewers, bottlenecks, regressions, waste, throttling and pressure.",
    (
        Row(
            "Quality",
            (
                bars("Now", "Mean scores of the whole range, 0 to 10.", e.QUALITY_NOW, SCORE),
                trend("Over time", "Mean scores of a day, 0 to 10.", [e.QUALITY], SCORE, drill_down=t.OF_AGENT),
                bars("Number of scores", "Few scores say little.", e.QUALITY_REVIEWS, NUMBER),
            ),
        ),
        Row(
            "Regressions",
            (
                trend(
                    "Against the same hour last week",
                    "Mean duration ÷ that of the same hour last week; an alert fires from 1.5 on.",
                    [e.SLOWER],
                    TIMES,
                    target=Target(1.5, above=False),
                    drill_down=t.OF_AGENT,
                ),
                found("Unusually slow", "Executions that took more than twice their median.", t.UNUSUALLY_SLOW),
            ),
        ),
        Row(
            "Bottlenecks",
            (
                traced(
                    "By category", "Executions by the category of their bottleneck.", t.BOTTLENECK_CATEGORIES, NUMBER
                ),
                found("Executions", "The latest executions with a bottleneck, and where it is.", t.BOTTLENECKS),
            ),
        ),
        Row(
            "What is lost",
            (
                found("Wasted tokens", "Agent executions that threw tokens away.", t.WASTEFUL),
                found("Throttled or refused", "Calls answered with 429 or 5xx.", t.THROTTLED),
                found(
                    "Hosts under pressure", "Spans during which the host was short of processor or memory.", t.PRESSED
                ),
            ),
        ),
        Row(
            "What failures have in common",
            (
                traced(
                    "Attributes",
                    "Attributes that failed agent executions have and others have not.",
                    t.WHAT_DIFFERS,
                    NUMBER,
                ),
            ),
        ),
    ),
    (page.names(page.AGENT, "Agent", v.AGENT_INVOCATIONS, "agent_name"),),
)
