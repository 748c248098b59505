"""The names that users import, and that importing them is cheap."""

import subprocess
import sys

import tachograph


def test_the_exported_names() -> None:
    """A name that goes missing or appears is a decision, not an accident."""
    assert tachograph.__all__ == ["agent", "command", "install", "rate", "recipe", "review", "step", "tool"]
    assert all(callable(getattr(tachograph, name)) for name in tachograph.__all__)


def test_the_traced_half_loads_no_analysis() -> None:
    """A traced process does not pay for DuckDB, NumPy and their like."""
    program = "import sys, tachograph.sdk, tachograph.collect.units; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {
        "duckdb",
        "numpy",
        "scipy",
        "pyarrow",
        "msgspec",
        "rich",
        "tachograph.store",
        "tachograph.measure",
    }
