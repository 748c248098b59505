"""Panels as this product draws them: each with title, description and unit, and colours where a target is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from monitoring import links
from monitoring.expressions import Expression
from monitoring.sdk import (
    Builder,
    bargauge,
    common,
    common_models,
    dashboard,
    models,
    prometheus,
    prometheus_models,
    stat,
    table,
    tempo,
    tempo_models,
    text,
    text_models,
    timeseries,
    variants,
)

PROMETHEUS: Final = common_models.DataSourceRef(type_val="prometheus", uid="${prometheus}")
TEMPO: Final = common_models.DataSourceRef(type_val="tempo", uid="${tempo}")
CLICKHOUSE: Final = common_models.DataSourceRef(type_val="grafana-clickhouse-datasource", uid="${clickhouse}")

SHARE: Final = "percentunit"
SECONDS: Final = "s"
DOLLARS: Final = "currencyUSD"
NUMBER: Final = "short"
TIMES: Final = "suffix: ×"
SCORE: Final = "none"
BYTES: Final = "bytes"

Panel = Builder[models.Panel]


@dataclass(frozen=True)
class Target:
    """What a figure should be above, or else below."""

    value: float
    above: bool = True

    @property
    def thresholds(self) -> dashboard.ThresholdsConfig:
        """Green on the right side of the target, red on the other."""
        below, above = ("red", "green") if self.above else ("green", "red")
        steps = [models.Threshold(None, below), models.Threshold(self.value, above)]
        return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _refs(number: int) -> str:
    return chr(ord("A") + number)


def _asked(expression: Expression, ref: str) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery().ref_id(ref).datasource(PROMETHEUS).expr(expression.expr).legend_format(expression.legend)
    )


def figure(title: str, description: str, expression: Expression, unit: str, target: Target | None = None) -> Panel:
    """One number over the whole range, against its target."""
    query = _asked(expression, "A").instant()
    panel = stat.Panel().title(title).description(description).datasource(PROMETHEUS).unit(unit).with_target(query)
    panel = panel.no_value("no data").color_mode(common_models.BigValueColorMode.VALUE)
    panel = panel.graph_mode(common_models.BigValueGraphMode.NONE).decimals(1).reduce_options(_last())
    return panel.thresholds(target.thresholds) if target else panel


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def trend(
    title: str,
    description: str,
    expressions: Sequence[Expression],
    unit: str,
    *,
    target: Target | None = None,
    drill_down: str | None = None,
    stacked: bool = False,
) -> Panel:
    """Lines over time with exemplars, the target as a dashed line, and a link to the traces behind each line."""
    panel = timeseries.Panel().title(title).description(description).datasource(PROMETHEUS).unit(unit)
    for number, expression in enumerate(expressions):
        panel = panel.with_target(_asked(expression, _refs(number)).range().exemplar("_bucket" in expression.expr))
    if target:
        dashed = common.GraphThresholdsStyleConfig().mode(common_models.GraphThresholdsStyleMode.DASHED)
        panel = panel.thresholds(target.thresholds).thresholds_style(dashed)
    if drill_down:
        panel = panel.data_links([links.traces("Traces behind this", drill_down)])
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL)).fill_opacity(30)
    return panel.legend(_legend()).tooltip(_tooltip()).line_width(1).axis_soft_min(0)


def _legend() -> common.VizLegendOptions:
    legend = common.VizLegendOptions().show_legend(True).placement(common_models.LegendPlacement.BOTTOM)
    return legend.display_mode(common_models.LegendDisplayMode.LIST)


def _tooltip() -> common.VizTooltipOptions:
    return (
        common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI).sort(common_models.SortOrder.DESCENDING)
    )


def bars(title: str, description: str, expression: Expression, unit: str, *, drill_down: str | None = None) -> Panel:
    """One bar for each series over the whole range, the longest first."""
    ranked = Expression(f"sort_desc({expression.expr})", expression.legend)
    panel = bargauge.Panel().title(title).description(description).datasource(PROMETHEUS).unit(unit)
    panel = panel.with_target(_asked(ranked, "A").instant()).no_value("no data").min(0)
    panel = panel.orientation(common_models.VizOrientation.HORIZONTAL)
    panel = panel.display_mode(common_models.BarGaugeDisplayMode.BASIC).reduce_options(_last())
    return panel.data_links([links.traces("Traces behind this", drill_down)]) if drill_down else panel


@dataclass(frozen=True)
class Column:
    """How a column of a table is shown."""

    unit: str
    target: Target | None = None


def overview(
    title: str,
    description: str,
    expressions: Mapping[str, Expression],
    columns: Mapping[str, Column],
    link: tuple[str, str],
) -> Panel:
    """A row for each label set and a column for each expression; `link` is a column and the traces behind its rows."""
    panel = table.Panel().title(title).description(description).datasource(PROMETHEUS).unit(NUMBER)
    renamed = {}
    for number, (name, expression) in enumerate(expressions.items()):
        query = _asked(expression, _refs(number)).instant().format(_TABLE)
        panel = panel.with_target(query)
        renamed[f"Value #{_refs(number)}"] = name
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    hidden: dict[str, Any] = {"excludeByName": {"Time": True}, "renameByName": renamed}
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=hidden))
    for name, column in columns.items():
        panel = panel.override_by_name(name, _shown(column))
    linked = models.DynamicConfigValue("links", [_link(link[1].replace("${__field.labels.", "${__data.fields."))])
    return panel.override_by_name(link[0], [linked]).filterable(True).no_value("–")


_TABLE: Final = prometheus_models.PromQueryFormat.TABLE


def _shown(column: Column) -> list[models.DynamicConfigValue]:
    shown = [models.DynamicConfigValue("unit", column.unit), models.DynamicConfigValue("decimals", 2)]
    if column.target:
        shown.append(models.DynamicConfigValue("thresholds", column.target.thresholds.build()))
        shown.append(models.DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    return shown


def _link(query: str) -> dict[str, Any]:
    return {"title": "Traces behind this", "url": links.explore(query), "targetBlank": True}


def _traceql(query: str) -> tempo.Dataquery:
    return tempo.Dataquery().ref_id("A").datasource(TEMPO).query_type("traceql").query(query)


def found(title: str, description: str, query: str) -> Panel:
    """A list of spans that a TraceQL query finds; each row leads to its trace by id."""
    asked = _traceql(query).limit(50).spss(3).table_type(tempo_models.SearchTableType.SPANS)
    by_id = models.DynamicConfigValue("links", [{**_link("${__value.raw}"), "title": "Open this trace"}])
    panel = table.Panel().title(title).description(description).datasource(TEMPO).unit(NUMBER).with_target(asked)
    return panel.override_by_regexp("(?i)trace ?id.*", [by_id]).no_value("no such trace").filterable(True)


def traced(title: str, description: str, query: str, unit: str) -> Panel:
    """Lines over time that TraceQL computes from spans."""
    asked = _traceql(query).exemplars(100).metrics_query_type(tempo_models.MetricsQueryType.RANGE)
    panel = timeseries.Panel().title(title).description(description).datasource(TEMPO).unit(unit).with_target(asked)
    return panel.legend(_legend()).tooltip(_tooltip()).line_width(1).axis_soft_min(0)


class Sql(variants.Dataquery):
    """A query to ClickHouse's plugin, which the SDK does not know."""

    def __init__(self, query: str) -> None:
        self.query = query

    def to_json(self) -> dict[str, object]:
        """As the plugin stores it; format 1 is a table."""
        asked = {"refId": "A", "datasource": CLICKHOUSE, "editorType": "sql", "rawSql": self.query}
        return {**asked, "format": 1, "queryType": "table"}


class _SqlBuilder(Builder[variants.Dataquery]):
    def __init__(self, query: str) -> None:
        self.query = query

    def build(self) -> Sql:
        return Sql(self.query)


def from_sql(title: str, description: str, query: str, unit: str, target: Target) -> Panel:
    """One number from ClickHouse against its target."""
    panel = stat.Panel().title(title).description(description).datasource(CLICKHOUSE).unit(unit)
    panel = panel.with_target(_SqlBuilder(query)).no_value("no data").decimals(1).reduce_options(_last())
    panel = panel.graph_mode(common_models.BigValueGraphMode.NONE).color_mode(common_models.BigValueColorMode.VALUE)
    return panel.thresholds(target.thresholds)


def words(title: str, description: str, content: str) -> Panel:
    """A few lines for who looks at this for the first time."""
    panel = text.Panel().title(title).description(description).mode(text_models.TextMode.MARKDOWN)
    return panel.content(content)
