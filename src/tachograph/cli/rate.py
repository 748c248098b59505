"""Say how satisfied you are with what an execution brought, from 1 to 5."""

import argparse

from tachograph import vocabulary as v
from tachograph.cli import evaluations
from tachograph.cli.common import OK, WRONG_USE, Refusal


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="an execution id (or span id)")
    rating = "1 to 5; without it a terminal is asked"
    parser.add_argument("rating", nargs="?", type=evaluations.score(1, 5), metavar="RATING", help=rating)
    parser.add_argument("--comment", metavar="TEXT", help="why")


def run(options: argparse.Namespace) -> int:
    rating = options.rating
    if rating is None and evaluations.is_asked():
        rating = evaluations.ask("Satisfaction", 1, 5)
    if rating is None:
        raise Refusal("no rating was given; say for instance: tachograph rate ID 5", WRONG_USE)
    evaluations.record(options, options.id, {v.USER_SATISFACTION: rating}, options.comment)
    return OK
