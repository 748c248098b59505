"""What is watched by success and duration: agents, recipes, commands; and how their recorded series are called."""

from dataclasses import dataclass
from typing import Final

from tachograph import vocabulary as v
from tachograph.vocabulary import Metric


@dataclass(frozen=True)
class Unit:
    """One kind of execution: its label, its metrics and the target of its success rate."""

    word: str  # in the names of alerts
    label: str
    executions: Metric
    duration: Metric

    @property
    def by_outcome(self) -> str:
        """The recorded growth by outcome, without its window."""
        return f"{self.label}_outcome:{self.executions.prometheus_name}:increase"

    def outcomes(self, window: str) -> str:
        """The recorded number of executions by outcome."""
        return self.by_outcome + window

    def executed(self, window: str) -> str:
        """The recorded number of executions that count."""
        return f"{self.label}:{self.executions.prometheus_name}:increase{window}"

    def failures(self, window: str) -> str:
        """The recorded share that did not succeed."""
        return f"{self.label}:{self.executions.prometheus_name}:error_ratio{window}"

    def duration_mean(self, window: str) -> str:
        """The recorded mean duration."""
        return f"{self.label}:{self.duration.prometheus_name}:mean{window}"


AGENT: Final = Unit("Agent", "agent_name", v.AGENT_INVOCATIONS, v.AGENT_DURATION)
RECIPE: Final = Unit("Recipe", "recipe_name", v.RECIPE_EXECUTIONS, v.RECIPE_DURATION)
COMMAND: Final = Unit("Command", "command", v.CLI_COMMANDS, v.CLI_DURATION)
UNITS: Final = (AGENT, RECIPE, COMMAND)

# Recorded beside the units' own series.
EFFICIENCY: Final = "agent_name:dev_agency_agent_token_efficiency:ratio6h"
TOKENS: Final = "agent_name:dev_agency_agent_tokens_weighed:increase6h"
REVIEWS: Final = "agent_name_quality_dimension:dev_agency_agent_quality_reviews:increase24h"
RATINGS: Final = "recipe_name:dev_agency_recipe_satisfaction_ratings:increase24h"
COMPARED: Final = "recipe_name:dev_agency_recipe_time_compared:increase24h"
EXECUTIONS: Final = "dev_agency:executions:increase1h"
