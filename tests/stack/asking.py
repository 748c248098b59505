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
    """One line for each question that is refused, or has no answer where it must have one."""
    return [line for question in questions() for line in _complaint(prometheus, question)]


def _complaint(prometheus: str, question: Question) -> Iterator[str]:
    try:
        answered = [item for item in ask(prometheus, question.expr) if item["value"][1] != "NaN"]
    except RuntimeError as refused:
        yield f"{question.name}: {refused}"
        return
    if not answered and not question.sparse:
        yield f"{question.name} has no data: {question.expr}"
