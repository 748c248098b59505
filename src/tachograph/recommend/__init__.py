"""What to change, what that will bring, and whether it did.

    made = recommend(Material(findings.bottlenecks, history, runs, tools, files, calibration))
    held = verified(applied, before, after)  # histories of before and after

Nothing here reaches the store: what is judged was handed in.
"""

from tachograph.recommend.calibration import Calibration, calibrated
from tachograph.recommend.recipe_file import RecipeFile, parsed, patched
from tachograph.recommend.recommending import Material, recommend
from tachograph.recommend.verification import verified

__all__ = [
    "Calibration",
    "Material",
    "RecipeFile",
    "calibrated",
    "parsed",
    "patched",
    "recommend",
    "verified",
]
