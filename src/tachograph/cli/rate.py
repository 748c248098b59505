"""Say how satisfied you are with what an execution brought, from 1 to 5."""

import argparse

from tachograph import vocabulary as v
from tachograph.cli import evaluations
from tachograph.cli.common import OK


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="an execution id (or span id)")
    parser.add_argument("rating", type=evaluations.score(1, 5), metavar="RATING", help="1 to 5")
    parser.add_argument("--comment", metavar="TEXT", help="why")


def run(options: argparse.Namespace) -> int:
    evaluations.record(options, options.id, {v.USER_SATISFACTION: options.rating}, options.comment)
    return OK
