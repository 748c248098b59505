"""A candidate after judgement."""

from dataclasses import dataclass
from typing import Final

from tachograph.detect.candidate import Candidate

FALSE_SHARE: Final = 0.1  # of all findings that may be false (Benjamini and Hochberg)


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its q-value and, where it was accepted, what it costs once selection is allowed for."""

    candidate: Candidate
    q_value: float
    value: float
    ci: tuple[float, float]

    @property
    def accepted(self) -> bool:
        """Whether it is a finding: surely there, more than nothing, and still worth while once selection is allowed
        for."""
        return self.q_value <= FALSE_SHARE and self.ci[0] > 0 and self.value >= self.candidate.least
