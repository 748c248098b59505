"""Give an execution scores by hand, 0 to 10: its correctness, completeness, code quality, efficiency."""

import argparse

from tachograph import vocabulary as v
from tachograph.cli import evaluations
from tachograph.cli.common import OK, WRONG_USE, Refusal


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="an execution id (or span id)")
    for dimension in v.QUALITY_DIMENSIONS:
        option = f"--{dimension.replace('_', '-')}"
        parser.add_argument(option, type=evaluations.score(0, 10), metavar="SCORE", help="0 to 10")
    parser.add_argument("--comment", metavar="TEXT", help="why; without any score a terminal is asked for each")


def run(options: argparse.Namespace) -> int:
    given = {name: getattr(options, name) for name in v.QUALITY_DIMENSIONS}
    scores = {name: score for name, score in given.items() if score is not None}
    if not scores and evaluations.is_asked():
        scores = _asked()
        options.comment = options.comment or (evaluations.ask_comment() if scores else None)
    if not scores:
        raise Refusal("no score was given; say for instance --correctness 8", WRONG_USE)
    evaluations.record(options, options.id, scores, options.comment)
    return OK


def _asked() -> dict[str, float]:
    """Scores from the terminal; the overall one follows from the others."""
    dimensions = [name for name in v.QUALITY_DIMENSIONS if name != v.QUALITY_DIMENSIONS[-1]]
    answers = {name: evaluations.ask(name.replace("_", " ").capitalize(), 0, 10) for name in dimensions}
    return {name: answer for name, answer in answers.items() if answer is not None}
