"""A dashboard of rows of panels, with the variables and links that all dashboards share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from monitoring import config
from monitoring.expressions import FIRED
from monitoring.panels import PROMETHEUS, Panel
from monitoring.sdk import Builder, dashboard, models
from tachograph.vocabulary import Metric

TAG: Final = "tachograph"
_WIDTH: Final = 24

AGENT: Final = "agent"
RECIPE: Final = "recipe"
COMMAND: Final = "command"


@dataclass(frozen=True)
class Row:
    """Panels beside each other, as wide as each other where no widths are given."""

    title: str
    panels: Sequence[Panel]
    height: int = 8
    widths: Sequence[int] = ()


@dataclass(frozen=True)
class Page:
    """One dashboard. `uid` is also the name of its file."""

    uid: str
    title: str
    description: str
    rows: Sequence[Row]
    variables: Sequence[Builder[models.VariableModel]] = ()

    def build(self) -> models.Dashboard:
        """In Grafana's own words."""
        page = dashboard.Dashboard(self.title).uid(f"tachograph-{self.uid}").description(self.description)
        page = page.tags([TAG]).time("now-24h", "now").refresh("1m").timezone("browser").readonly()
        page = page.tooltip(models.DashboardCursorSync.CROSSHAIR).link(_others()).annotation(_firing())
        for variable in (*_sources(), *self.variables, _window()):
            page = page.with_variable(variable)
        return _laid_out(page, self.rows).build()


def _laid_out(page: dashboard.Dashboard, rows: Sequence[Row]) -> dashboard.Dashboard:
    top = number = 0
    for row in rows:
        page = page.with_row(dashboard.Row(row.title).grid_pos(models.GridPos(h=1, w=_WIDTH, x=0, y=top)))
        left, top = 0, top + 1
        for panel, width in zip(row.panels, _widths(row), strict=True):
            number += 1
            # The SDK takes a panel at 0, 0 for one without a place; rows have a title, so none is there.
            page = page.with_panel(_Placed(panel, number, models.GridPos(h=row.height, w=width, x=left, y=top)))
            left += width
        top += row.height
    return page


def _widths(row: Row) -> Sequence[int]:
    return row.widths or [_WIDTH // len(row.panels)] * len(row.panels)


class _Placed(Builder[models.Panel]):
    """A panel with its number and its place."""

    def __init__(self, panel: Panel, number: int, place: models.GridPos) -> None:
        self.panel, self.number, self.place = panel, number, place

    def build(self) -> models.Panel:
        built = self.panel.build()
        built.id_val, built.grid_pos = self.number, self.place
        return built


def _others() -> dashboard.DashboardLink:
    link = dashboard.DashboardLink("tachograph").type(models.DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(True).keep_time(True).include_vars(True)


def _firing() -> dashboard.AnnotationQuery:
    query = dashboard.AnnotationQuery().name("Alerts").datasource(PROMETHEUS).enable(True).hide(False)
    query = query.icon_color("red").expr(FIRED.expr).step("60s")
    return query.title_format("{{alertname}}").text_format("{{severity}}")


def _sources() -> list[dashboard.DatasourceVariable]:
    known = {"prometheus": ("prometheus", "Metrics"), "tempo": ("tempo", "Traces")}
    return [dashboard.DatasourceVariable(name).type(kind).label(label) for name, (kind, label) in known.items()]


def spans_source() -> dashboard.DatasourceVariable:
    """Where spans can be asked for with SQL."""
    return dashboard.DatasourceVariable("clickhouse").type("grafana-clickhouse-datasource").label("Spans")


def _window() -> dashboard.CustomVariable:
    windows = (*config.WINDOWS, "7d")
    options = [models.VariableOption(selected=window == "1h", text=window, value=window) for window in windows]
    chosen = models.VariableOption(selected=True, text="1h", value="1h")
    variable = dashboard.CustomVariable("window").label("Each point looks back").values(",".join(windows))
    return variable.options(options).current(chosen)


def names(variable: str, label: str, metric: Metric, of: str) -> dashboard.QueryVariable:
    """A choice among the values of a label, all of them at first."""
    everything = models.VariableOption(selected=True, text="All", value="$__all")
    query = f"label_values({metric.prometheus_name}, {of})"
    choice = dashboard.QueryVariable(variable).label(label).datasource(PROMETHEUS).query(query).multi(True)
    choice = choice.include_all(True).all_value(".*").current(everything).sort(models.VariableSort.ALPHABETICAL_ASC)
    return choice.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
