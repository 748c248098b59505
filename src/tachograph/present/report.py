"""The report as text: the key figures first, then where the time went and what failed."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tachograph.present import costs, key_figures, tables, usage
from tachograph.present.as_json import moment
from tachograph.present.findings import findings
from tachograph.present.numbers import count, duration, sparkline
from tachograph.present.words import word
from tachograph.records import CostSummary, Day, Kpi, Report, Slow

_ERRORS_SHOWN, _DAYS_SHOWN = 10, 30
_VERDICTS = {"better": "green", "worse": "red"}


def report(report: Report) -> RenderableType:
    """A report on a window, top to bottom in order of importance."""
    return Group(*_parts(report))


def _parts(report: Report) -> Iterator[RenderableType]:
    yield from _top(report)
    yield from _activity(report.days)
    if report.agents:
        yield tables.agents(report.agents)
        if (quality := tables.quality(report.agents)) is not None:
            yield quality
    if report.recipes:
        yield tables.recipes(report.recipes)
        yield from (tables.steps(recipe) for recipe in report.recipes if recipe.step_performance)
    yield from _cost(report.cost)
    if report.tools:
        yield usage.tools(report.tools)
    if report.errors:
        yield usage.errors(report.errors, _ERRORS_SHOWN)
    if report.slowest:
        yield _slowest(report.slowest)
    yield from findings(report)
    if report.slowest:
        yield Text("Look into one with: tachograph trace TRACE", style="dim")


def _top(report: Report) -> Iterator[RenderableType]:
    yield _headline(report)
    yield Text()
    yield _kpis(report.kpis)
    if report.reconciled:
        yield Text(f"Tokens: {report.reconciled}.", style="dim")


def _headline(report: Report) -> Text:
    days = f"{moment(report.window.since_ns)[:10]} to {moment(report.window.until_ns)[:10]} (UTC)"
    met = sum(kpi.met is True for kpi in report.kpis)
    known = sum(kpi.met is not None for kpi in report.kpis)
    verdict = Text(f"{met} of {known} targets met", style="green" if met == known else "yellow")
    runs = [(sum(day.executions for day in of), role) for role, of in sorted(report.days.items())]
    seen = ", ".join(f"{count(n)} {role} run{'s' if n != 1 else ''}" for n, role in runs) or "nothing recorded"
    return Text.assemble(("tachograph report", "bold"), f"  {days}  ", verdict if known else "", (f"  {seen}", "dim"))


def _kpis(kpis: Sequence[Kpi]) -> Table:
    columns = ("key figure", "", "current", "95 % interval", "target", "n", "trend", "in detail")
    made = tables.table("Key figures", *columns, left=2)
    made.columns[-2].justify = made.columns[-1].justify = "left"
    for kpi in kpis:
        made.add_row(
            key_figures.name(kpi),
            _mark(kpi),
            key_figures.value(kpi),
            key_figures.interval(kpi),
            key_figures.target(kpi),
            count(kpi.n),
            _trend(kpi),
            Text(kpi.detail, style="dim"),
        )
    return made


def _mark(kpi: Kpi) -> Text:
    if kpi.met is None:
        return Text("?", style="dim")
    return Text("✓", style="green") if kpi.met else Text("✗", style="red")


def _trend(kpi: Kpi) -> Text:
    return Text(key_figures.trend(kpi), style=_VERDICTS.get(kpi.trend.verdict, "dim"))


def _activity(days: dict[str, list[Day]]) -> Iterator[RenderableType]:
    """Sparklines by day, once there is more than one day to compare."""
    if max((len(of) for of in days.values()), default=0) < 2:
        return
    title = f"By day, the last {_DAYS_SHOWN}" if any(len(of) > _DAYS_SHOWN for of in days.values()) else "By day"
    made = tables.table(title, "", "runs", "success", "mean time")
    for role, whole in sorted(days.items()):
        of = whole[-_DAYS_SHOWN:]
        made.add_row(
            role,
            sparkline([day.executions for day in of]),
            sparkline([day.success_rate for day in of], 0, 1),
            sparkline([day.mean_s for day in of]),
        )
    yield made


def _cost(cost: CostSummary) -> Iterator[RenderableType]:
    if cost.calls:
        yield costs.by_model("Cost", cost.models)
        yield from (word(said, longest=1_000) for said in costs.sentences(cost))
        yield Text()


def _slowest(slowest: Sequence[Slow]) -> Table:
    made = tables.table("Slowest", "what", "outcome", "time", "trace", left=2)
    made.columns[-1].justify = "left"
    for slow in slowest:
        made.add_row(word(f"{slow.role} {slow.name}"), slow.outcome, duration(slow.duration_ms), slow.trace_id)
    return made
