"""Real packages to be damaged: downloaded once, pinned, into a folder outside of the repository."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

PINNED = Path(__file__).with_name("packages.txt")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tachograph" / "bench-quality"

# Settings of a package's own tests ask for plugins that they do without; what else is built or shown is nobody's here.
_UNUSED = ("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "pytest.ini", "docs", "benchmark", "bench", "examples")


def names() -> list[str]:
    """name-version of each package."""
    lines = [line.split()[0] for line in PINNED.read_text().splitlines() if line and not line.startswith("#")]
    return [line.replace("==", "-") for line in lines]


def fetch() -> dict[str, Path]:
    """The sdist of each package, downloaded by pip and checked against its hash where it is not there yet."""
    CACHE.mkdir(parents=True, exist_ok=True)
    if any(_sdist(name) is None for name in names()):
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        options = ["--no-binary", ":all:", "--require-hashes", "--dest", CACHE, "--requirement", PINNED]
        subprocess.run([*download, *options], check=True, timeout=900)
    return {name: sdist for name in names() if (sdist := _sdist(name))}


def _sdist(name: str) -> Path | None:
    return next(CACHE.glob(f"{name}.tar.gz"), None)


def unpack(sdist: Path, folder: Path) -> Path:
    """The package's code and tests as a git repository with one commit, in `folder`."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder.parent / "unpacked", filter="data")
    (top,) = (folder.parent / "unpacked").iterdir()
    top.rename(folder)
    for name in _UNUSED:
        unused = folder / name
        shutil.rmtree(unused) if unused.is_dir() else unused.unlink(missing_ok=True)
    who = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    for command in (["init", "--quiet"], ["add", "--all"], [*who, "commit", "--quiet", "--message", "as published"]):
        subprocess.run(["git", *command], cwd=folder, check=True)  # noqa: S607
    return folder


def sources(folder: Path) -> dict[str, str]:
    """The package's own modules, by their paths: what is damaged; tests are left as they are."""
    return {name: text for name, text in _python(folder).items() if not _is_test(name)}


def tests(folder: Path) -> dict[str, str]:
    """The modules of its tests, by their paths."""
    return {name: text for name, text in _python(folder).items() if _is_test(name)}


def _python(folder: Path) -> dict[str, str]:
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.py")}
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}


def _is_test(name: str) -> bool:
    parts = name.split("/")
    return (
        bool({"tests", "test", "testing"} & set(parts))
        or parts[-1].startswith(("test_", "conftest"))
        or "_test." in name
    )
