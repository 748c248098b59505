"""What to change, with what it will bring; what an hour of effort brings most first."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from tachograph.cli.common import OK, reading, show, window
from tachograph.cli.recipe_files import recipe_files
from tachograph.measure.improvements import calibration_table
from tachograph.present import as_json
from tachograph.records import BottleneckDetection, NotEnoughData, PerformanceRecommendation, ToolUsage, Window
from tachograph.records.history import History
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
        found = judged(store, window(options), options.recipes).recommendations
    if options.format == "json":
        print(as_json.dumps(found))
    else:
        from tachograph.present.recommendations import recommendations

        show(recommendations(found))
    return OK


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in a window, and what to do about it."""

    bottlenecks: list[BottleneckDetection]
    insufficient: list[NotEnoughData]
    recommendations: list[PerformanceRecommendation]
    history: History


def judged(store: Store, of: Window, recipes: list[Path], usage: list[ToolUsage] | None = None) -> Judged:
    """Bottlenecks and recommendations of a window; `usage` is that of its tools, where it is known already."""
    from tachograph.detect import judge
    from tachograph.measure.history import gathered
    from tachograph.measure.tools import tools
    from tachograph.recommend import Material, calibrated, recommend

    history, runs = gathered(store, of)
    found = judge(history, runs)
    usage = tools(store, of) if usage is None else usage
    calibration = calibrated(calibration_table(store))
    material = Material(found.bottlenecks, history, runs, usage, recipe_files(recipes), calibration)
    return Judged(found.bottlenecks, found.insufficient, recommend(material), history)
