"""Runs the driver of containments in a process of its own, as some user."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "src"
DRIVER = Path(__file__).parent / "containment" / "driver.py"


def drive(order: dict[str, Any], prefix: Sequence[str] = (), python: str = sys.executable, **variables: str) -> Any:
    """Run the driver; that it comes to an end is a bound of the tests' own."""
    done = subprocess.run(
        [*prefix, python, "-B", str(DRIVER)],
        input=json.dumps(order),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), **variables},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(**json.loads(done.stdout))
