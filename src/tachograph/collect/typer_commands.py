"""Commands written with Typer, which brings a click of its own in newer versions and uses the real one in older."""

from types import ModuleType

import wrapt

from tachograph.collect import click_commands
from tachograph.guard import harmless


@harmless
def wrap_entries(core: ModuleType) -> None:
    """Wrap Typer's entries, which are not click's."""
    for name in ("TyperCommand", "TyperGroup"):
        if "main" in vars(getattr(core, name)):
            wrapt.wrap_function_wrapper(core, f"{name}.main", click_commands.main)
