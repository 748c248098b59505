"""The rates of the projects."""

from dataclasses import dataclass, field
from decimal import Decimal

from timebook.errors import TimebookError


@dataclass(frozen=True)
class RateCard:
    """The rate of an hour for each project, with a standard rate for the others."""

    standard: Decimal | None = None
    projects: dict[str, Decimal] = field(default_factory=dict)

    def rate_for(self, project: str) -> Decimal:
        """Return the rate of an hour for the project."""
        rate = self.projects.get(project, self.standard)
        if rate is None:
            raise TimebookError(f"no rate for the project {project}")
        return rate
