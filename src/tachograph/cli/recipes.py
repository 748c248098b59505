"""How each recipe and its steps do: success, time, time saved."""

import argparse

from tachograph.cli.common import FAILED, OK, reading, show, tell, window
from tachograph.measure import performance
from tachograph.present import as_json
from tachograph.records import RecipePerformanceMetrics


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one recipe only")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        metrics = performance.recipes(store, window(options), options.name)
    if options.format == "json":
        print(as_json.dumps(metrics))
    else:
        _show(metrics)
    if options.name and not metrics:
        tell(f"no recipe named {options.name!r} in this window; tachograph recipes lists them")
        return FAILED
    return OK


def _show(metrics: list[RecipePerformanceMetrics]) -> None:
    from tachograph.present import tables

    show(tables.recipes(metrics))
    for recipe in metrics:
        if recipe.step_performance:
            show(tables.steps(recipe))
