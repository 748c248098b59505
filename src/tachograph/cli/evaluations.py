"""What commands that review share: scores become telemetry like any other, and are read at once."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from opentelemetry.sdk.resources import Resource

from tachograph import environment, redaction, settings
from tachograph import vocabulary as v
from tachograph.annotate.identity import identity
from tachograph.cli.common import FAILED, Refusal, tell
from tachograph.deliver.otlp_json import event_line
from tachograph.deliver.spool import Spool
from tachograph.present import as_json
from tachograph.semantics import roles
from tachograph.settings import Settings
from tachograph.store import Store, ingest, open_store

Execution = Mapping[str, str]


def score(low: float, high: float) -> Callable[[str], float]:
    """A reader of numbers between `low` and `high`, for an option."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {low:g} to {high:g}")
        return value

    return read


def is_asked() -> bool:
    """Whether somebody sits at the terminal who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(what: str, low: float, high: float) -> float | None:
    """A score from the terminal; None where the line is left empty. What is no score is asked for again."""
    read = score(low, high)
    while True:
        # The question goes to standard error, so that standard output holds the answer of the command alone.
        print(f"{what} ({low:g} to {high:g}, empty for none): ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line.strip():
            return None
        try:
            return read(line.strip())
        except argparse.ArgumentTypeError as error:
            tell(str(error))


def ask_comment() -> str | None:
    """A comment from the terminal; None where the line is left empty."""
    print("Comment (empty for none): ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() or None


def record(options: argparse.Namespace, id: str, scores: Mapping[str, float], comment: str | None) -> None:
    """Write a person's scores into the spool, take them over into the store, and say so."""
    configured = settings.load()
    with open_store(options.store or configured.store_path) as store:
        execution = found(store, id)
        if execution is None:
            raise Refusal(f"no execution has the id {id!r}; tachograph ingest reads new telemetry", FAILED)
        write(store, configured, execution, scores, dict.fromkeys(scores, comment))
    _confirm(options, execution, scores)


def found(store: Store, id: str) -> Execution | None:
    """The latest execution with this id, or with this span id."""
    rows = store.query("find_execution", execution=id)
    return rows[0] if rows else None


def write(
    store: Store,
    configured: Settings,
    execution: Execution,
    scores: Mapping[str, float],
    comments: Mapping[str, str | None],
    reviewer: Mapping[str, str] = {v.EVALUATION_REVIEWER: "human"},
) -> None:
    """Write scores into the spool, and take them over into the store."""
    ingest(store, [spooled(configured, execution, scores, comments, reviewer)], prices=configured.price_file)


def spooled(
    configured: Settings,
    execution: Execution,
    scores: Mapping[str, float],
    comments: Mapping[str, str | None],
    reviewer: Mapping[str, str],
) -> Path:
    """Write one `gen_ai.evaluation.result` a score into the spool; the file that they are in."""
    spool = Spool(configured.spool_folder)
    ids = {"traceId": execution["trace_id"], "spanId": execution["span_id"]}
    settings.keep_secrets(None)
    who = {**identity(configured.home, environment.ci_run()), **_subject(execution), **reviewer}
    for name, value in scores.items():
        comment = comments.get(name)
        spool.write(_line(name, value, redaction.text(comment) if comment else None, ids, who))
    if spool.dropped or spool.path is None:
        raise Refusal(f"nothing was recorded: {configured.spool_folder} cannot be written", FAILED)
    spool.close()
    return Path(spool.path)


def _subject(execution: Execution) -> dict[str, str]:
    """Whom the score is about, for those who see this record and not the span that it points at."""
    name = {roles.AGENT: v.AGENT_NAME, roles.RECIPE: v.RECIPE_NAME}.get(execution["role"])
    return {name: execution["name"]} if name else {}


def _line(name: str, value: float, comment: str | None, ids: Mapping[str, str], who: Mapping[str, str]) -> bytes:
    attributes = {v.EVALUATION_NAME: name, v.EVALUATION_SCORE: value, **who}
    if comment:
        attributes[v.EVALUATION_EXPLANATION] = comment
    return event_line(v.EVALUATION_RESULT, time.time_ns(), ids, attributes, Resource({}))


def _confirm(options: argparse.Namespace, execution: Execution, scores: Mapping[str, float]) -> None:
    if options.format == "json":
        print(as_json.dumps({"span_id": execution["span_id"], "scores": dict(scores)}))
    else:
        said = ", ".join(f"{name} {value:g}" for name, value in scores.items())
        print(f"{execution['role']} {execution['name']}: {said}")
