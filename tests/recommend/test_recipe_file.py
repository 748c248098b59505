"""Recipes' files are changed where they have to be and nowhere else, by diffs that other programs apply."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tachograph.recommend import RecipeFile, parsed, patched
from tachograph.recommend.groups import waits_after

RECIPES = Path(__file__).resolve().parents[2] / "examples" / "agency" / "agency" / "recipes"


def parse_recipe(data: Any) -> Any:
    """The recipe as the sample agency's own code reads it."""
    spec = importlib.util.spec_from_file_location("agency_recipes", RECIPES / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["agency_recipes"] = module
    spec.loader.exec_module(module)
    return module.parse_recipe(data)


SHIP = """\
# how we ship
name: ship
description: ship it
version: 2
manual_minutes: 5
workers: 1   # one after the other
steps:
  - name: build          # takes long
    agent: coder
  - name: test
    agent: tester
    depends_on:
      - build
    retries: 4

  # nobody knows why this waits
  - name: docs
    agent: documenter
    depends_on: [test]
  - {name: pack, agent: releaser, depends_on: [docs]}"""


def ship() -> RecipeFile:
    file = parsed("recipes/ship.yaml", SHIP)
    assert file is not None
    return file


def parallel(file: RecipeFile) -> RecipeFile:
    waits = waits_after(file.depends(), [("test", "docs")])
    return file.with_depends({name: of for name, of in waits.items() if of != file.depends()[name]}).with_workers(2)


CHANGES: dict[str, Callable[[RecipeFile], RecipeFile]] = {
    "parallel": parallel,
    "workers": lambda file: file.with_workers(3),
    "retries": lambda file: file.with_retries("test", 1),
    "new retries": lambda file: file.with_retries("build", 2),
    "agent": lambda file: file.with_agent("pack", "coder"),
    "order": lambda file: file.with_order(["build", "docs", "test", "pack"]),
    "block sequence": lambda file: file.with_depends({"test": []}),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("program", [["git", "apply"], ["patch", "-p1", "-s", "-i"]], ids=["git", "patch"])
def test_a_diff_applies_and_gives_a_recipe(change: str, end: str, program: list[str], tmp_path: Path) -> None:
    """With git and with patch, with and without a line end at the end; the agency loads what comes out."""
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    file = RecipeFile("recipes/ship.yaml", SHIP + end)
    changed = CHANGES[change](file)
    diff = file.diff(changed)
    assert diff
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "ship.yaml").write_text(file.text)
    (tmp_path / "change.diff").write_text(diff)
    subprocess.run([*program, "change.diff"], cwd=tmp_path, check=True, timeout=30)
    made = (tmp_path / "recipes" / "ship.yaml").read_text()
    assert made == changed.text == patched(file.text, diff)
    assert parse_recipe(yaml.safe_load(made)).name == "ship"
    assert "# how we ship" in made
    assert "# takes long" in made


def test_what_a_change_says_is_what_it_does() -> None:
    """docs starts with test, pack still comes after both; nothing else moves."""
    changed = parallel(ship())
    assert changed.depends() == {"build": [], "test": ["build"], "docs": ["build"], "pack": ["test", "docs"]}
    assert changed.workers() == 2
    assert [line for line in changed.text.splitlines() if line not in SHIP.splitlines()] == [
        "workers: 2   # one after the other",
        "    depends_on: [build]",
        "  - {name: pack, agent: releaser, depends_on: [test, docs]}",
    ]


def test_in_a_new_order_nothing_waits_for_what_comes_later() -> None:
    """docs before test; so that it waits for build's other steps no more, and comments go with their steps."""
    changed = ship().with_order(["build", "docs", "test", "pack"])
    assert list(changed.steps()) == ["build", "docs", "test", "pack"]
    assert changed.depends()["docs"] == []


@pytest.mark.parametrize("text", ["", "just words", "steps: 3", "name: x", "a: [", "- 1\n- 2"])
def test_what_is_no_recipe_is_none(text: str) -> None:
    """Files of other kinds beside recipes are left alone."""
    assert parsed("x.yaml", text) is None


def test_a_diff_that_does_not_fit_is_refused() -> None:
    """Never half of it."""
    diff = ship().diff(ship().with_workers(2))
    assert diff
    with pytest.raises(ValueError, match="does not fit"):
        patched(SHIP.replace("workers: 1 ", "workers: 7 "), diff)


@pytest.mark.parametrize("name", ["fix_bug", "release", "health_check"])
def test_the_sample_agencys_recipes_are_read(name: str) -> None:
    """As their own engine reads them."""
    text = (RECIPES / f"{name}.yaml").read_text()
    file = parsed(f"agency/recipes/{name}.yaml", text)
    assert file is not None
    assert file.recipe == name
    assert file.depends() == {step.name: step.depends_on for step in parse_recipe(yaml.safe_load(text)).steps}
