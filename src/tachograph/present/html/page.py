"""Renders the page: the templates with the report, the style and the script, and the policy that allows only these."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import tachograph
from tachograph.present import costs, key_figures, numbers, readable
from tachograph.present.as_json import moment
from tachograph.present.html import anchors, charts, graph, view
from tachograph.records import Report


def page(report: Report) -> str:
    """The whole page. All that came with telemetry stands in it as text."""
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return _environment().get_template("page.html.j2").render(
        report=report,
        view=view.view(report),
        policy=policy,
        # Both are files of this package, and hold nothing of the report.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        version=tachograph.__version__,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(__name__.rpartition(".")[0]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "duration": numbers.duration,
        "share": numbers.share,
        "count": numbers.count,
        "money": numbers.money,
        "at_least": numbers.at_least,
        "cost_said": costs.sentences,
        "moment": moment,
        "percent": readable.percent,
        "interval": readable.interval,
        "rate_class": view.rate_class,
        "anchor": anchors.anchor,
        "described": readable.described,
    }
    made.globals |= {
        "charts": charts,
        "kpi": key_figures,
        "readable": readable,
        "layout": graph.layout,
        "nothing": numbers.NOTHING,
    }
    return made


def _shown(value: Any) -> Any:
    """Text without characters that nobody sees, but that turn writing around or end it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return readable.visible(value)


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8").strip()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
