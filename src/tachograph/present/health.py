"""Findings about telemetry itself, one a line, with what to do below those that are not well."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from tachograph.records import Finding

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


def findings(found: Sequence[Finding]) -> RenderableType:
    """A list for people."""
    return Group(*(_line(finding) for finding in found))


def _line(finding: Finding) -> Text:
    mark, colour = _MARKS[finding.state]
    line = Text.assemble((mark, f"bold {colour}"), f" {finding.check:<13}", finding.finding)
    if finding.advice:
        line.append(f"\n  {'':<13}→ {finding.advice}", style="dim")
    return line
