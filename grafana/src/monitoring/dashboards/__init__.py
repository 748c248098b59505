"""The dashboards, one module each; `PAGES` is all of them."""

from typing import Final

from monitoring.dashboards import agents, overview, quality, recipes, telemetry, tools
from monitoring.page import Page

PAGES: Final[tuple[Page, ...]] = (overview.PAGE, agents.PAGE, recipes.PAGE, tools.PAGE, quality.PAGE, telemetry.PAGE)
