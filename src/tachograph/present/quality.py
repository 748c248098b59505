"""An assessment for people: the scores, what they rest on, and what to do."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tachograph.present.numbers import NOTHING
from tachograph.present.tables import table
from tachograph.present.words import word
from tachograph.records import Observation, QualityAssessment

_SEEN = 12
_STYLES = {"high": "red", "medium": "yellow", "low": "dim", "note": "dim"}
_LONGEST = 200


def assessment(made: QualityAssessment) -> RenderableType:
    """An assessment, the scores first."""
    return Group(*_parts(made))


def _parts(made: QualityAssessment) -> Iterator[RenderableType]:
    yield _headline(made)
    yield _scores(made)
    if made.not_measured and made.weights:
        yield Text("The overall score weighs what was measured.", style="dim")
    if made.evidence:
        yield _evidence(made.evidence)
    if made.improvement_suggestions:
        yield Text("What to do", style="bold")
        yield from (Padding(_line(f"• {it}"), (0, 0, 0, 2)) for it in made.improvement_suggestions)
    if made.subject.get("not_run"):
        yield Text(f"Nothing was run: {made.subject['not_run']}", style="yellow")


def _headline(made: QualityAssessment) -> Text:
    overall = NOTHING if made.overall_score is None else f"{made.overall_score:.1f} of 10"
    who = f"  {made.agent_name} {made.execution_id}" if made.agent_name else ""
    base = f" against {made.subject['base']}" if made.subject.get("base") else ""
    rest = f"  {word(made.subject.get('path')).plain}{base}, {made.subject.get('python_lines', 0)} lines of Python"
    return Text.assemble(("Quality ", "bold"), (overall, _style(made.overall_score)), who, (rest, "dim"))


def _scores(made: QualityAssessment) -> Table:
    columns = ["dimension", "score", "weight", *(["a person's", "difference"] if made.human else []), "because"]
    shown = table("", *columns, left=1)
    shown.title = None
    shown.columns[-1].justify = "left"
    shown.columns[-1].no_wrap = False
    said = {line.partition(":")[0].rpartition(" ")[0]: line.partition(": ")[2] for line in made.feedback.splitlines()}
    for name in ("correctness", "completeness", "code_quality", "efficiency"):
        score: float | None = getattr(made.scores, name)
        title = name.replace("_", " ")
        because = made.not_measured.get(name) or said.get(title.capitalize(), "")
        weight = f"{made.weights[name]:.0f} %" if name in made.weights else NOTHING
        people = [_number(made.human.get(name)), _signed(made.difference.get(name))] if made.human else []
        shown.add_row(title, Text(_number(score), style=_style(score)), weight, *people, _line(because))
    return shown


def _evidence(seen: list[Observation]) -> Table:
    shown = table("Evidence", "where", "what", "tool", left=3)
    shown.columns[1].no_wrap = False
    ranked = sorted(seen, key=lambda it: list(_STYLES).index(it.severity))
    for it in ranked[:_SEEN]:
        tool = " ".join(filter(None, (it.tool, it.rule)))
        shown.add_row(word(_place(it)), _line(it.message, _STYLES[it.severity]), word(tool))
    if len(ranked) > _SEEN:
        shown.add_row("…", Text(f"{len(ranked) - _SEEN} more with --format json", style="dim"), "")
    return shown


def _place(it: Observation) -> str:
    return f"{it.file}:{it.line}" if it.file and it.line else it.file or it.dimension.replace("_", " ")


def _number(score: float | None) -> str:
    return NOTHING if score is None else f"{score:.1f}"


def _signed(difference: float | None) -> str:
    return NOTHING if difference is None else f"{difference:+.1f}"


def _style(score: float | None) -> str:
    if score is None:
        return "dim"
    return "green" if score >= 8 else "yellow" if score >= 5 else "red"


def _line(text: str, style: str = "") -> Text:
    """A sentence with names of others in it, without control characters."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return Text(shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…", style=style)
