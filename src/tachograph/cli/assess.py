"""Review what an agent produced, by running it and with tools: a folder, or a change against a git ref."""

import argparse
import dataclasses
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

from tachograph import settings
from tachograph.cli import evaluations, scored
from tachograph.cli.common import OK, WRONG_USE, Refusal, show, tell
from tachograph.measure import reviews
from tachograph.present import as_json
from tachograph.quality import CannotAssess, Order, assess
from tachograph.records import QualityAssessment
from tachograph.semantics import roles
from tachograph.settings import Settings
from tachograph.store import Store, StoreError, ingest, open_store


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, nargs="?", metavar="PATH", help="the folder or file that was produced")
    parser.add_argument("--execution", metavar="ID", help="the execution that produced it; its scores are recorded")
    parser.add_argument("--base", metavar="REF", help="judge the change against this commit, not the code around it")
    parser.add_argument("--spec", type=Path, metavar="FILE", help="what was asked for: a list of items, or JSON")
    parser.add_argument("--test-command", metavar="CMD", help="how the tests are run; else pytest")
    python = "the Python whose environment has what the project needs, and pytest; else that of tachograph"
    parser.add_argument("--python", type=Path, metavar="FILE", help=python)
    parser.add_argument("--unsafe", action="store_true", help="run the code even where it cannot be contained")

    pending = "make the reviews that [tool.tachograph.quality] asked for and that were not made"
    parser.add_argument("--pending", action="store_true", help=pending)
    parser.add_argument("--request", type=Path, help=argparse.SUPPRESS)  # what a traced process starts


def run(options: argparse.Namespace) -> int:
    if options.request or options.pending:
        from tachograph.cli import requests  # locks files, as not every system does

        return requests.review(options.request)
    if options.path is None:
        raise Refusal("say which folder or file to assess, or --pending", WRONG_USE)
    made = assessed(_order(options))
    if options.execution:
        made = linked(made, options.execution, options.store)
    if options.format == "json":
        print(as_json.dumps(made))
    else:
        from tachograph.present.quality import assessment

        show(assessment(made))
    return OK


def _order(options: argparse.Namespace) -> Order:
    for path in filter(None, (options.path, options.spec, options.python)):
        if not path.exists():
            raise Refusal(f"there is no {path}", WRONG_USE)
    return Order(options.path, options.base, options.spec, options.test_command, options.python, options.unsafe)


def assessed(order: Order) -> QualityAssessment:
    """The assessment, told of on a terminal while it is made."""
    progress = _tell_progress if sys.stderr.isatty() else _tell_nothing
    try:
        with warnings.catch_warnings(record=True) as warned:
            made = assess(order, progress)
        for warning in warned:
            tell(str(warning.message))
        return made
    except CannotAssess as error:
        raise Refusal(str(error), WRONG_USE) from error
    finally:
        progress("")


def _tell_progress(dimension: str) -> None:
    # One line that is written over, and wiped out at the end.
    said = f"assessing {dimension.replace('_', ' ')} …" if dimension else ""
    print(f"\r{said:60}\r", end="", file=sys.stderr, flush=True)


def _tell_nothing(dimension: str) -> None:
    """Nobody looks."""


def linked(made: QualityAssessment, id: str, url: str | None) -> QualityAssessment:
    """The assessment with whom it is about, recorded as evaluations of that execution.

    An id that nothing has, or a store that cannot be reached, is said on standard error: the assessment was made.
    """
    made = dataclasses.replace(made, execution_id=id)
    configured = settings.load()
    try:
        with open_store(url or configured.store_path) as store:
            execution = evaluations.found(store, id) or _found_in_spool(store, id, url, configured)
            if execution is None:
                tell(f"no execution has the id {id!r}, so its scores were not recorded")
                return made
            if made.weights:
                evaluations.write(store, configured, execution, *scored.told(made))
            return _with_people(made, execution, reviews.scores_of(store, execution, "human"))
    except (StoreError, Refusal) as error:
        tell(f"the scores were not recorded: {error}")
        return made


def _found_in_spool(store: Store, id: str, url: str | None, configured: Settings) -> Mapping[str, str] | None:
    """The execution, if the spool has it and the store has it not yet; only our own store follows the spool."""
    spool = configured.spool_folder
    if url or not spool.is_dir():
        return None
    ingest(store, [spool], prices=configured.price_file)
    return evaluations.found(store, id)


def _with_people(made: QualityAssessment, execution: Mapping[str, str], human: dict[str, float]) -> QualityAssessment:
    ours = scored.scores(made)
    return dataclasses.replace(
        made,
        agent_name=execution["name"] if execution["role"] == roles.AGENT else None,
        human=human,
        difference={name: round(ours[name] - score, 2) for name, score in human.items() if name in ours},
    )
