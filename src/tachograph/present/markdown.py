"""The report as Markdown, for an issue, a pull request or a wiki; everything from telemetry is escaped."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tachograph.present import costs, key_figures, readable
from tachograph.present.as_json import moment
from tachograph.present.numbers import NOTHING, at_least, count, duration, share
from tachograph.records import BottleneckDetection, PerformanceRecommendation, Report

_ERRORS = 20  # patterns shown
_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]()#+!|~$@:-])")
_LONGEST = 500


def report(report: Report) -> str:
    """The whole report, most important first."""
    return "\n".join(line for part in _PARTS for line in part(report)).strip() + "\n"


def text(said: str | None) -> str:
    """Text from telemetry as text: no markup, no link, no mention, on one line."""
    line = " ".join(readable.visible(said or NOTHING).split())
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    plain = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MEANS_SOMETHING.sub(r"\\\1", plain)


def code(said: str) -> str:
    """Text as code, fenced by more backticks than it holds."""
    fence = "`" * (1 + max(map(len, re.findall("`+", said)), default=0))
    space = " " if len(fence) > 1 else ""
    return f"{fence}{space}{readable.visible(said)}{space}{fence}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('---' if number < left else '--:' for number in range(len(heads)))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _headline(report: Report) -> Iterator[str]:
    met = sum(kpi.met is True for kpi in report.kpis)
    known = sum(kpi.met is not None for kpi in report.kpis)
    yield f"# {f'{met} of {known} targets met' if known else 'Nothing to judge yet'}"
    yield ""
    yield f"tachograph report, {moment(report.window.since_ns)[:10]} to {moment(report.window.until_ns)[:10]} (UTC)"
    yield ""


def _kpis(report: Report) -> Iterator[str]:
    marks = {True: "✓", False: "✗", None: "?"}
    yield "## Key figures"
    yield ""
    rows = [
        (
            key_figures.name(kpi), marks[kpi.met], key_figures.value(kpi), key_figures.interval(kpi),
            text(key_figures.target(kpi)), count(kpi.n), key_figures.trend(kpi), text(kpi.detail or NOTHING),
        )
        for kpi in report.kpis
    ]  # fmt: skip
    yield from _table(("Figure", "", "Current", "95 % interval", "Target", "n", "Trend", "In detail"), rows, 2)
    if report.reconciled:
        yield from (f"Tokens: {text(report.reconciled)}.", "")


def _agents(report: Report) -> Iterator[str]:
    rows = [
        (
            text(agent.agent_name), count(agent.total_invocations), share(agent.success_rate),
            duration(agent.avg_duration_ms), duration(agent.p95_duration_ms), count(agent.avg_tokens_used),
            at_least(agent.cost_per_success_usd, agent.unpriced_calls),
        )
        for agent in report.agents
    ]  # fmt: skip
    yield from _part("Agents", ("Agent", "Runs", "Success", "Mean", "p95", "Tokens a run", "Cost a success"), rows)


def _recipes(report: Report) -> Iterator[str]:
    paths = {graph.recipe_name: graph.critical_path for graph in report.graphs}
    rows = [
        (
            text(recipe.recipe_name), count(recipe.total_executions), share(recipe.success_rate),
            duration(recipe.p50_duration_ms), duration(recipe.p95_duration_ms),
            at_least(recipe.cost_per_success_usd, recipe.unpriced_calls),
            " → ".join(map(text, paths.get(recipe.recipe_name, []))) or NOTHING,
        )
        for recipe in report.recipes
    ]  # fmt: skip
    yield from _part("Recipes", ("Recipe", "Runs", "Success", "p50", "p95", "Cost a success", "Critical path"), rows)


def _cost(report: Report) -> Iterator[str]:
    heads = tuple(head.capitalize() for head in costs.HEADS)
    rows = [(text(name), *cells) for name, *cells in costs.rows(report.cost.models)]
    yield from _part("Cost", heads, rows)
    yield from (line for said in costs.sentences(report.cost) for line in (text(said), ""))


def _tools(report: Report) -> Iterator[str]:
    rows = [
        (text(tool.command), count(tool.count), count(tool.users), share(tool.success_rate), duration(tool.p95_ms))
        for tool in report.tools
    ]
    yield from _part("Tools", ("Command", "Runs", "Users", "Success", "p95"), rows)


def _quality(report: Report) -> Iterator[str]:
    def score(value: float | None) -> str:
        return NOTHING if value is None else f"{value:.1f}"

    rows = [
        (
            text(one.agent_name), f"{count(one.reviewed)} of {count(one.executions)}", score(one.overall),
            score(one.scores.correctness), score(one.scores.completeness), score(one.scores.code_quality),
            score(one.scores.efficiency),
        )
        for one in report.quality
    ]  # fmt: skip
    heads = ("Agent", "Reviewed", "Overall", "Correctness", "Completeness", "Code quality", "Efficiency")
    yield from _part("Quality", heads, rows)


def _errors(report: Report) -> Iterator[str]:
    rows = [
        (text(error.pattern), text(", ".join(error.components[:3])), count(error.count), code(error.trace_id))
        for error in report.errors[:_ERRORS]
    ]
    more = f" ({_ERRORS} of {len(report.errors)} patterns)" if len(report.errors) > _ERRORS else ""
    yield from _part(f"Errors{more}", ("What is said", "Where", "Times", "Latest trace"), rows, 2)


def _bottlenecks(report: Report) -> Iterator[str]:
    if report.bottlenecks:
        yield "## Bottlenecks"
        yield ""
    for found in report.bottlenecks:
        yield from _bottleneck(found)


def _bottleneck(found: BottleneckDetection) -> Iterator[str]:
    where = found.affected_components[0] if found.affected_components else found.category
    yield f"### {text(found.severity)}: {text(where)}, {text(readable.described(found.cause))}"
    yield ""
    yield text(found.description)
    yield ""
    yield f"- Effect: {readable.effect(found.effect)}; {found.claim}, q = {found.q_value:.2g}, n = {count(found.n)}"
    yield f"- Impact: {readable.impact(found)}"
    yield from (f"- {text(fix)}" for fix in found.suggested_fixes)
    yield from (f"- Look: {code(f'tachograph trace {trace}')}" for trace in found.evidence.trace_ids[:3])
    yield ""


def _recommendations(report: Report) -> Iterator[str]:
    measured = {found.id: found for found in report.verified}
    if report.recommendations:
        yield "## Recommendations"
        yield ""
    for one in report.recommendations:
        yield from _recommendation(one)
        if one.id in measured:
            yield f"- Measured: {readable.percent(measured[one.id].measured_pct)}, {text(measured[one.id].verdict)}"
        yield ""


def _recommendation(one: PerformanceRecommendation) -> Iterator[str]:
    yield f"### {text(one.title)}"
    yield ""
    yield text(one.description)
    yield ""
    gains = "".join(f"; {text(gain)}" for gain in readable.gains(one))
    yield f"- Predicted: {readable.predicted(one.prediction)}, {one.claim}{gains}"
    yield f"- Priority {text(one.priority)}, effort {text(one.implementation_effort)}"
    for number, step in enumerate(one.implementation_steps, 1):
        yield f"- Step {number}: {code(step) if chr(10) not in step else ''}"
        if "\n" in step:
            yield from _fenced(step)
    yield from (f"- It worked when: {code(criterion)}" for criterion in one.success_criteria)


def _fenced(said: str) -> Iterator[str]:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", said)), default=0))
    yield from ("", f"  {fence}", *(f"  {line}" for line in readable.visible(said).splitlines()), f"  {fence}")


def _verified(report: Report) -> Iterator[str]:
    rows = [
        (
            text(one.title), readable.percent(one.predicted_pct), readable.percent(one.measured_pct),
            readable.interval(one.ci_pct), text(one.verdict),
        )
        for one in report.verified
    ]  # fmt: skip
    heads = ("Recommendation", "Predicted", "Measured", readable.VERIFIED, "Verdict")
    yield from _part("Predicted and measured", heads, rows)


def _insufficient(report: Report) -> Iterator[str]:
    rows = [
        (text(readable.described(one.cause)), text(one.component), count(one.n), count(one.more))
        for one in report.insufficient
    ]
    yield from _part("Not enough data", ("What", "Where", "Executions", "About as many more"), rows, 2)
    if report.not_included:
        yield f"Not looked for: {', '.join(report.not_included)}."


def _part(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> Iterator[str]:
    """A part with one table; nothing where there is nothing to say."""
    if rows:
        yield f"## {title}"
        yield ""
        yield from _table(heads, rows, left)


_Part = Callable[[Report], Iterator[str]]
_PARTS: tuple[_Part, ...] = (
    _headline, _kpis, _agents, _recipes, _cost, _tools, _quality, _errors, _bottlenecks, _recommendations, _verified,
    _insufficient,
)  # fmt: skip
