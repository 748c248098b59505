"""Asks a running Prometheus everything that panels and rules ask it; for any Prometheus, whoever filled it."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitoring import expressions
from monitoring.alerts import ALERTS
from monitoring.recording import GROUPS

from tachograph import vocabulary as v
from tachograph.vocabulary import Metric

# What Grafana puts in place of its variables, everything being chosen.
VARIABLES = {
    "$__rate_interval": "5m",
    "$__range": "6h",
    "$window": "1h",
    "$agent": ".*",
    "$recipe": ".*",
    "$command": ".*",
}


@dataclass(frozen=True)
class Question:
    """An expression and who asks it; `sparse` where no answer is an answer."""

    name: str
    expr: str
    sparse: bool


def questions() -> Iterator[Question]:
    """Every expression of every panel, recording rule and alert."""
    for name, expression in expressions.every().items():
        yield Question(f"panel {name}", filled_in(expression.expr), expression.sparse)
    for group in GROUPS:
        yield from (Question(f"rule {rule.name}", rule.expr, sparse=False) for rule in group.rules)
    yield from (Question(f"alert {alert.name}", alert.expr, sparse=True) for alert in ALERTS)


def filled_in(expr: str) -> str:
    """The expression as Grafana sends it."""
    pattern = "|".join(map(re.escape, sorted(VARIABLES, key=len, reverse=True)))
    return re.sub(pattern, lambda found: VARIABLES[found[0]], expr)


def ask(prometheus: str, expr: str) -> list[Any]:
    """The series of the answer; RuntimeError with what Prometheus says where it refuses or warns."""
    body = urllib.parse.urlencode({"query": expr}).encode()
    try:
        with urllib.request.urlopen(f"{prometheus}/api/v1/query", body, timeout=60) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as refused:
        raise RuntimeError(refused.read().decode()) from refused
    if answer.get("warnings"):
        raise RuntimeError(f"{answer['warnings']}")
    found: list[Any] = answer["data"]["result"]
    return found


def complaints(prometheus: str) -> list[str]:
    """One line for each question that is refused, or has no answer where it must have one: where every metric that
    it is about, through whatever recording rules, is there."""
    names = ask(prometheus, 'count by (__name__) ({__name__=~"dev_agency_.+"})')
    there = {item["metric"]["__name__"] for item in names}
    held = {metric.prometheus_name for metric in KNOWN if _series_of(metric) & there}
    return [line for question in questions() for line in _complaint(prometheus, question, held)]


KNOWN = (*v.METRICS, *v.COLLECTED)
_RECORDED = {rule.name: rule.expr for group in GROUPS for rule in group.rules}


def metrics_in(expr: str) -> set[str]:
    """The metrics that an expression is about, also those that its recorded series are made of."""
    names = set(re.findall(r"[\w:]+", re.sub(r'"[^"]*"', "", expr)))
    below = [metrics_in(_RECORDED[name]) for name in names & _RECORDED.keys()]
    own = {metric.prometheus_name for metric in KNOWN if names & _series_of(metric)} - _RECORDED.keys()
    return own.union(*below)


def _series_of(metric: Metric) -> set[str]:
    return {metric.prometheus_name + part for part in ("", "_bucket", "_sum", "_count")}


def _complaint(prometheus: str, question: Question, held: set[str]) -> Iterator[str]:
    try:
        answered = [item for item in ask(prometheus, question.expr) if item["value"][1] != "NaN"]
    except RuntimeError as refused:
        yield f"{question.name}: {refused}"
        return
    if not answered and not question.sparse and metrics_in(question.expr) <= held:
        yield f"{question.name} has no data: {question.expr}"
