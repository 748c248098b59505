"""What to change, with what it will bring; what an hour of effort brings most first."""

import argparse
from pathlib import Path

from tachograph.cli.common import OK, reading, show, window
from tachograph.cli.recipe_files import recipe_files
from tachograph.measure.improvements import calibration_table
from tachograph.present import as_json
from tachograph.records import PerformanceRecommendation, Window
from tachograph.store import Store


def declare(parser: argparse.ArgumentParser) -> None:
    declare_recipes(parser)


def declare_recipes(parser: argparse.ArgumentParser) -> None:
    """Where the recipes' files are, for the diffs."""
    parser.set_defaults(recipes=[])
    parser.add_argument(
        "--recipes", action="append", type=Path, metavar="DIR", help="the recipes' YAML files, for diffs; else as "
        "[tool.tachograph] recipes in pyproject.toml says",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        found = recommended(store, window(options), options.recipes)
    if options.format == "json":
        print(as_json.dumps(found))
    else:
        from tachograph.present.recommendations import recommendations

        show(recommendations(found))
    return OK


def recommended(store: Store, of: Window, recipes: list[Path]) -> list[PerformanceRecommendation]:
    """The recommendations of a window."""
    from tachograph.detect import judge
    from tachograph.measure.history import gathered
    from tachograph.measure.tools import tools
    from tachograph.recommend import Material, calibrated, recommend

    history, runs = gathered(store, of)
    found = judge(history, runs)
    return recommend(
        Material(
            found.bottlenecks, history, runs, tools(store, of), recipe_files(recipes),
            calibrated(calibration_table(store)),
        )
    )  # fmt: skip
