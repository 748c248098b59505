"""Each recipe and its steps: success, time, what holds it up, what it saves."""

from typing import Final

from monitoring import config, page
from monitoring import expressions as e
from monitoring import traceql as t
from monitoring.page import Page, Row
from monitoring.panels import NUMBER, SCORE, SECONDS, SHARE, Column, Target, bars, found, overview, traced, trend
from tachograph import vocabulary as v

_SUCCESS = Target(config.RECIPE_SUCCESS)
_SAVED = Target(config.TIME_SAVED)

_COLUMNS = {
    "Success": Column(SHARE, _SUCCESS),
    "Mean": Column(SECONDS),
    "p95": Column(SECONDS),
    "Time saved": Column(SHARE, _SAVED),
    "Satisfaction": Column(SCORE),
}
_STEP_COLUMNS = {"Success": Column(SHARE), "Mean": Column(SECONDS), "p95": Column(SECONDS)}
_ROWS = "A row for each; the recipe's name leads to its traces."

PAGE: Final = Page(
    "recipes",
    "tachograph / Recipes",
    "Success and time of recipes and their steps, time on the critical path, time saved.",
    (
        Row(
            "All recipes over the whole range",
            (
                overview("Recipes", _ROWS, e.RECIPE_TABLE, _COLUMNS, ("recipe_name", t.OF_RECIPE)),
                overview("Steps", _ROWS, e.STEP_TABLE, _STEP_COLUMNS, ("recipe_name", t.OF_RECIPE)),
            ),
        ),
        Row(
            "Success and time",
            (
                trend(
                    "Success",
                    "Successful share of executions.",
                    [e.RECIPES_SUCCESS],
                    SHARE,
                    target=_SUCCESS,
                    drill_down=t.OF_RECIPE,
                ),
                trend(
                    "95th percentile",
                    "One in twenty takes longer; exemplars lead to traces.",
                    [e.RECIPES_P95],
                    SECONDS,
                    drill_down=t.OF_RECIPE,
                ),
                trend("Steps", "Mean duration of each step.", [e.STEPS_MEAN], SECONDS, drill_down=t.OF_RECIPE),
            ),
        ),
        Row(
            "The critical path",
            (
                bars(
                    "Held up by",
                    "Time on the critical path of the component that held most of it.",
                    e.CRITICAL,
                    SECONDS,
                    drill_down=t.OF_RECIPE,
                ),
                trend(
                    "Held up by, over time",
                    "The same in the window before each point.",
                    [e.CRITICAL_TREND],
                    SECONDS,
                    stacked=True,
                ),
                traced(
                    "How often",
                    "Executions by the component that held their critical path.",
                    t.CRITICAL_COMPONENTS,
                    NUMBER,
                ),
            ),
        ),
        Row(
            "What they bring",
            (
                trend(
                    "Time saved",
                    "Mean of 1 − duration ÷ a person's time.",
                    [e.RECIPES_TIME_SAVED],
                    SHARE,
                    target=_SAVED,
                    drill_down=t.OF_RECIPE,
                ),
                trend("Satisfaction", "Mean of users' ratings of a day, 1 to 5.", [e.RECIPES_SATISFACTION], SCORE),
            ),
        ),
        Row(
            "Traces",
            (
                found("Without success", "Recipe executions that did not succeed.", t.FAILED_RECIPES),
                found("What failed below", "Failed spans anywhere below the chosen recipes.", t.FAILED_BELOW),
                found(
                    "Held up by one part",
                    "Where one component held more than half of the critical path.",
                    t.CRITICAL_RECIPES,
                ),
            ),
        ),
    ),
    (page.names(page.RECIPE, "Recipe", v.RECIPE_EXECUTIONS, "recipe_name"),),
)
