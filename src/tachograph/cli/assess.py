"""Review what an agent produced, by running it and by the tools of its trade: a folder, or a change against a git ref."""

import argparse
import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path

from tachograph import settings
from tachograph import vocabulary as v
from tachograph.cli import evaluations
from tachograph.cli.common import OK, WRONG_USE, Refusal, show, tell
from tachograph.measure import reviews
from tachograph.present import as_json
from tachograph.quality import CannotAssess, Order, assess
from tachograph.records import QualityAssessment
from tachograph.semantics import roles
from tachograph.store import Store, StoreError, ingest, open_store


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="the folder or file that was produced")
    parser.add_argument("--execution", metavar="ID", help="the execution that produced it; its scores are recorded")
    parser.add_argument("--base", metavar="REF", help="judge the change against this commit, not the code around it")
    parser.add_argument("--spec", type=Path, metavar="FILE", help="what was asked for: a list of items, or JSON")
    parser.add_argument("--test-command", metavar="CMD", help="how the tests are run; else pytest")
    parser.add_argument("--unsafe", action="store_true", help="run the code even where it cannot be contained")


def run(options: argparse.Namespace) -> int:
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
    for path in filter(None, (options.path, options.spec)):
        if not path.exists():
            raise Refusal(f"there is no {path}", WRONG_USE)
    return Order(options.path, options.base, options.spec, options.test_command, options.unsafe)


def assessed(order: Order) -> QualityAssessment:
    """The assessment, told of on a terminal while it is made."""
    progress = _tell_progress if sys.stderr.isatty() else _tell_nothing
    try:
        return assess(order, progress)
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
            execution = evaluations.found(store, id) or _found_in_spool(store, id, url, configured.spool_folder)
            if execution is None:
                tell(f"no execution has the id {id!r}, so its scores were not recorded")
                return made
            scores = _scores(made)
            if scores:
                evaluations.write(store, configured, execution, scores, _comments(made), _reviewer(made))
            return _with_people(made, execution, reviews.scores_of(store, execution, "human"))
    except (StoreError, Refusal) as error:
        tell(f"the scores were not recorded: {error}")
        return made


def _found_in_spool(store: Store, id: str, url: str | None, spool: Path) -> Mapping[str, str] | None:
    """The execution, if the spool has it and the store has it not yet; only our own store follows the spool."""
    if url or not spool.is_dir():
        return None
    ingest(store, [spool])
    return evaluations.found(store, id)


def _scores(made: QualityAssessment) -> dict[str, float]:
    scores = {name: getattr(made.scores, name) for name in v.QUALITY_DIMENSIONS[:-1]}
    every = {**scores, v.QUALITY_DIMENSIONS[-1]: made.overall_score}
    return {name: score for name, score in every.items() if score is not None}


def _comments(made: QualityAssessment) -> dict[str, str | None]:
    """What the feedback says of each dimension, and all of it with the overall score."""
    lines = made.feedback.splitlines()
    said = {
        name: next((line for line in lines if line.startswith(_title(name))), None) for name in v.QUALITY_DIMENSIONS
    }
    return {**said, v.QUALITY_DIMENSIONS[-1]: made.feedback}


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _reviewer(made: QualityAssessment) -> dict[str, str]:
    return {v.EVALUATION_REVIEWER: made.reviewer, v.EVALUATION_REVIEWER_VERSION: made.reviewer_version}


def _with_people(made: QualityAssessment, execution: Mapping[str, str], human: dict[str, float]) -> QualityAssessment:
    ours = _scores(made)
    return dataclasses.replace(
        made,
        agent_name=execution["name"] if execution["role"] == roles.AGENT else None,
        human=human,
        difference={name: round(ours[name] - score, 2) for name, score in human.items() if name in ours},
    )
