"""What `review` and `rate` share: scores by a person become telemetry like any other, and are read at once."""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from opentelemetry.sdk.resources import Resource

from tachograph import environment, redaction, settings
from tachograph import vocabulary as v
from tachograph.annotate.identity import identity
from tachograph.cli.common import FAILED, Refusal
from tachograph.deliver.otlp_json import event_line
from tachograph.deliver.spool import Spool
from tachograph.present import as_json
from tachograph.semantics import roles
from tachograph.store import Store, ingest, open_store


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


def record(options: argparse.Namespace, id: str, scores: Mapping[str, float], comment: str | None) -> None:
    """Write one `gen_ai.evaluation.result` a score into the spool, and take it over into the store."""
    configured = settings.load()
    with open_store(options.store or configured.store_path) as store:
        execution = _execution(store, id)
        spool = Spool(configured.spool_folder)
        ids = {"traceId": execution["trace_id"], "spanId": execution["span_id"]}
        settings.keep_secrets(None)
        comment = redaction.text(comment) if comment else None
        who = {**identity(configured.home, environment.ci_run()), **_subject(execution)}
        for name, value in scores.items():
            spool.write(_line(name, value, comment, ids, who))
        if spool.dropped or spool.path is None:
            raise Refusal(f"nothing was recorded: {configured.spool_folder} cannot be written", FAILED)
        spool.close()
        ingest(store, [Path(spool.path)])
    _confirm(options, execution, scores)


def _execution(store: Store, id: str) -> dict[str, str]:
    found = store.query("find_execution", execution=id)
    if not found:
        raise Refusal(f"no execution has the id {id!r}; tachograph ingest reads new telemetry", FAILED)
    return found[0]


def _subject(execution: Mapping[str, str]) -> dict[str, str]:
    """Whom the score is about, for those who see this record and not the span that it points at."""
    name = {roles.AGENT: v.AGENT_NAME, roles.RECIPE: v.RECIPE_NAME}.get(execution["role"])
    return {name: execution["name"]} if name else {}


def _line(name: str, value: float, comment: str | None, ids: Mapping[str, str], who: Mapping[str, str]) -> bytes:
    attributes = {v.EVALUATION_NAME: name, v.EVALUATION_SCORE: value, v.EVALUATION_REVIEWER: "human", **who}
    if comment:
        attributes[v.EVALUATION_EXPLANATION] = comment
    return event_line(v.EVALUATION_RESULT, time.time_ns(), ids, attributes, Resource({}))


def _confirm(options: argparse.Namespace, execution: Mapping[str, str], scores: Mapping[str, float]) -> None:
    if options.format == "json":
        print(as_json.dumps({"span_id": execution["span_id"], "scores": dict(scores)}))
    else:
        said = ", ".join(f"{name} {value:g}" for name, value in scores.items())
        print(f"{execution['role']} {execution['name']}: {said}")
