"""A framework that has changed, is switched off, or of which the program itself tells."""

import re
import shutil
from pathlib import Path

import pytest
from cases import NEWEST, Case
from model_server import ModelServer
from running import counted, run, seen

CHANGED = [case for case in NEWEST if case.renames]


@pytest.mark.parametrize("case", CHANGED, ids=str)
def test_a_method_of_another_name_is_one_warning_and_no_loss_of_the_rest(
    case: Case, tmp_path: Path, installed: Path, model: ModelServer
) -> None:
    """With a method renamed throughout the framework, one line says which framework has it no longer, the program runs
    as ever, and units that do not hang on that method are recorded."""
    assert case.renames
    case.environment.make()
    package, old, new, role = case.renames
    changed = _renamed(case, package, (old, new), tmp_path)
    ran = run(case.environment, case.program, model, tmp_path / "home", (changed, installed))
    told = [line for line in ran.stderr.splitlines() if "tachograph: " in line]
    assert len(told) == 1, ran.stderr
    assert old in told[0]
    assert case.version in told[0]
    kept = [unit for unit in ran.clock if unit.role != role]
    assert counted(seen(ran)) == counted(kept)


def _renamed(case: Case, package: str, names: tuple[str, str], folder: Path) -> Path:
    """The framework's package with one name spelled otherwise."""
    [source] = case.environment.folder.glob(f"lib/python*/site-packages/{package}")
    copied = folder / "changed" / package
    shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__"))
    for file in copied.rglob("*.py"):
        text = file.read_text()
        if names[0] in text:
            file.write_text(re.sub(rf"\b(a?){names[0]}\b", rf"\1{names[1]}", text))
    return folder / "changed"


@pytest.mark.parametrize("launcher", ["opentelemetry-instrument", "tachograph"])
def test_a_framework_can_be_switched_off(launcher: str, tmp_path: Path, installed: Path, model: ModelServer) -> None:
    """`OTEL_PYTHON_DISABLED_INSTRUMENTATIONS` names frameworks as `tachograph_…`."""
    case = next(case for case in NEWEST if case.framework == "pydantic-ai")
    case.environment.make()
    off = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "tachograph_pydantic_ai"}
    ran = run(case.environment, case.program, model, tmp_path / "home", (installed,), launcher=launcher, **off)
    assert not seen(ran)


def test_an_agent_that_the_program_tells_of_itself_is_told_of_once(
    tmp_path: Path, installed: Path, model: ModelServer
) -> None:
    """A decorator of the program's own around an agent of the same name is the span of it."""
    case = next(case for case in NEWEST if case.framework == "pydantic-ai")
    case.environment.make()
    ran = run(case.environment, "decorated_desk", model, tmp_path / "home", (installed,))
    assert counted(seen(ran)) == counted(ran.clock)
