"""The demo is the same from a checkout, which `make demo` runs, and from an installed wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_sample_agency_and_all_sql(wheel: Path) -> None:
    """What the demo and the store need besides Python files."""
    names = set(zipfile.ZipFile(wheel).namelist())
    agency = {"pyproject.toml", "agency/recipes/fix_bug.yaml", "codebase/issues/issues.yaml", "codebase/pyproject.toml"}
    assert {f"tachograph/_agency/{name}" for name in agency} <= names
    sql = {f"tachograph/{file.relative_to(ROOT / 'src' / 'tachograph')}" for file in (ROOT / "src").rglob("*.sql")}
    assert sql <= names
    assert len(sql) > 30


def test_the_demo_from_an_unpacked_wheel(wheel: Path, tmp_path: Path) -> None:
    """One job of it, in a folder where no checkout is near."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    program = (
        "import sys, tachograph\nfrom tachograph.cli import demo, main\n"
        "assert 'installed' in tachograph.__file__, tachograph.__file__\n"
        "demo.JOBS, demo.CHECKED = demo.JOBS[8:9], ()\nmain(['demo', '--home', 'here'])"
    )
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "Running the sample agency 1 times" in ended.stderr
    assert "import_cycle" in ended.stdout


def test_a_demo_without_its_tools_says_what_to_install() -> None:
    """One line, no half of a demo."""
    program = "import sys; sys.modules['bandit'] = None; from tachograph.cli import main; main(['demo'])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "tachograph: bandit is not installed; run: pip install 'tachograph[analysis,demo]'\n"
