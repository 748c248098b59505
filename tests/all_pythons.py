"""Runs the tests on every Python from 3.11 that is found: on the PATH, and installed by pyenv."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)


def main() -> int:
    """Exit status 1 when the tests of any Python fail."""
    pythons = found()
    failed = [version for version, python in sorted(pythons.items()) if not passes(version, python)]
    names = {version: ".".join(map(str, version)) for version in pythons}
    print(f"\ntested on {', '.join(names[version] for version in sorted(pythons))}", end="")
    print(f"; FAILED on {', '.join(names[version] for version in failed)}" if failed else ": all passed")
    return bool(failed)


def found() -> dict[tuple[int, ...], Path]:
    """One interpreter for each minor version; what starts and says its version counts."""
    pythons: dict[tuple[int, ...], Path] = {}
    for candidate in candidates():
        asked = subprocess.run(
            [candidate, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True
        )
        version = tuple(int(part) for part in asked.stdout.split()) if asked.returncode == 0 else ()
        if version >= OLDEST:
            pythons.setdefault(version, candidate)
    return pythons


def candidates() -> list[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = [folder / "bin" / "python" for folder in sorted(pyenv.glob("3.*"), reverse=True)]
    named = [shutil.which(f"python3.{minor}") for minor in range(OLDEST[1], 20)]
    everywhere = [Path(sys.executable), *installed, *(Path(name) for name in named if name)]
    return [path for path in everywhere if path.exists() and not re.search(r"shims", str(path))]


def passes(version: tuple[int, ...], python: Path) -> bool:
    name = ".".join(map(str, version))
    venv = ROOT / ".venvs" / name
    print(f"\n=== Python {name}", flush=True)
    make = ["make", "test", f"PYTHON={python}", f"VENV={venv.relative_to(ROOT)}"]
    return subprocess.run(make, cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
