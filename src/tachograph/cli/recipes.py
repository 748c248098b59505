"""How each recipe and its steps do: success, time, time saved."""

import argparse

from tachograph.cli.common import listed, reading, show, window
from tachograph.measure import performance
from tachograph.records import RecipePerformanceMetrics


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one recipe only")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        found = performance.recipes(store, window(options), options.name)
    return listed(options, found, lambda: _show(found), "recipe")


def _show(metrics: list[RecipePerformanceMetrics]) -> None:
    from tachograph.present import tables

    show(tables.recipes(metrics))
    for recipe in metrics:
        if recipe.step_performance:
            show(tables.steps(recipe))
