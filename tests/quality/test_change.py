"""A change against a commit: what is damaged in it lowers the score that says so, and hardly any other."""

from pathlib import Path
from typing import Any

import pytest
from projects import assessed, changed, committed, rules, write
from support import Run

SLOW = "    for price in prices:\n        for _ in range(100):\n            pass\n"
UGLY = '''

def Add(a, b):
    """Add."""
    try:
        if a == None:
            l = 1
        return a + b
    except:
        pass
'''


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return committed(tmp_path / "repo")


def scores(made: dict[str, Any]) -> dict[str, float]:
    assert made["not_measured"] == {}
    found: dict[str, float] = made["scores"]
    return found


def test_a_sound_change_scores_high_and_says_why(repo: Path, tachograph: Run) -> None:
    """With its own test, which fails without it; the same change has the same scores when it is assessed again."""
    changed(repo, "    if not prices:\n", "    if len(prices) == 0:\n")
    more = '\n\ndef mean(prices: list[float]) -> float:\n    """Average."""\n    return total(prices) / len(prices)\n'
    write(repo, {"shop/basket.py": (repo / "shop/basket.py").read_text() + more})
    test = "\n\ndef test_mean():\n    assert basket.mean([1.0, 3.0]) == 2.0\n"
    write(repo, {"tests/test_basket.py": (repo / "tests/test_basket.py").read_text() + test})
    made = assessed(tachograph, "repo", "--base", "HEAD")
    assert all(score >= 9 for score in scores(made).values())
    assert made["weights"] == {"correctness": 40, "completeness": 30, "code_quality": 20, "efficiency": 10}
    assert (made["reviewer"], made["execution_id"], made["agent_name"]) == ("automated", None, None)
    assert "1 new test fail without the change" in [seen["message"] for seen in made["evidence"]]
    assert made["cost"]["own_seconds"] <= made["cost"]["seconds"]
    again = assessed(tachograph, "repo", "--base", "HEAD")
    assert again["scores"] == made["scores"]


def test_a_test_that_breaks_is_incorrect(repo: Path, tachograph: Run) -> None:
    """And told by its name."""
    changed(repo, "(100 - percent)", "(100 + percent)")
    made = assessed(tachograph, "repo", "--base", "HEAD")
    found = scores(made)
    assert found["correctness"] < 5
    assert min(found["completeness"], found["code_quality"], found["efficiency"]) > 9.5
    (broken,) = [seen for seen in made["evidence"] if seen["rule"] == "test"]
    assert broken["message"].startswith("tests/test_basket.py::test_discounted fails")
    assert "Make tests/test_basket.py::test_discounted pass" in made["improvement_suggestions"]


def test_what_is_gone_is_incomplete_and_not_incorrect(repo: Path, tachograph: Run) -> None:
    """The test of a function that is gone fails for that reason alone."""
    text = (repo / "shop/basket.py").read_text()
    write(repo, {"shop/basket.py": text.partition("\n\ndef cheapest")[0]})
    found = scores(made := assessed(tachograph, "repo", "--base", "HEAD"))
    assert found["completeness"] < 9.5
    assert min(found["correctness"], found["code_quality"], found["efficiency"]) > 9.5
    assert "removed" in rules(made)


def test_bad_style_is_of_low_quality_and_not_incorrect(repo: Path, tachograph: Run) -> None:
    """Bare handlers, bad names, comparison by equality; only what was added counts, not the code around it."""
    write(repo, {"shop/basket.py": (repo / "shop/basket.py").read_text() + UGLY})
    found = scores(made := assessed(tachograph, "repo", "--base", "HEAD"))
    assert found["code_quality"] < 5
    assert min(found["correctness"], found["efficiency"]) > 9.5
    assert {"E722", "N802", "E711", "E741"} <= rules(made)
    assert all(seen["line"] > 22 for seen in made["evidence"] if seen["tool"] == "ruff")


def test_a_slow_loop_is_inefficient_and_not_incorrect(repo: Path, tachograph: Run) -> None:
    """By work that is counted, which is the same on a busy machine."""
    changed(repo, "    for price in prices:\n", SLOW)
    found = scores(made := assessed(tachograph, "repo", "--base", "HEAD"))
    assert found["efficiency"] < 3
    assert min(found["correctness"], found["completeness"], found["code_quality"]) > 9
    assert "work" in rules(made)


def test_tests_that_pass_without_the_change_show_nothing(repo: Path, tachograph: Run) -> None:
    """They are run on the code as it was."""
    changed(repo, "result = 0.0", "result = sum([], 0.0)")
    test = "\n\ndef test_again():\n    assert basket.total([1.0]) == 1.0\n"
    write(repo, {"tests/test_basket.py": (repo / "tests/test_basket.py").read_text() + test})
    made = assessed(tachograph, "repo", "--base", "HEAD")
    assert 9 < made["scores"]["correctness"] < 10
    assert "Add a test that fails without the change" in made["improvement_suggestions"]


def test_what_was_asked_for_is_looked_for(repo: Path, tachograph: Run) -> None:
    """Functions, files; a function that is yet to be written is not there. What names nothing is not judged."""
    stub = '\n\ndef taxed(price: float) -> float:\n    """Add the tax."""\n    raise NotImplementedError\n'
    write(repo, {"shop/basket.py": (repo / "shop/basket.py").read_text() + stub})
    asked = "- [ ] `cheapest` finds it\n- [ ] write `taxed()`\n- [ ] docs/prices.md explains both\n- [x] be kind\n"
    write(repo.parent, {"spec.md": asked})
    made = assessed(tachograph, "repo", "--base", "HEAD", "--spec", "spec.md")
    lacking = [seen["message"] for seen in made["evidence"] if seen["rule"] == "asked-for"]
    assert len(lacking) == 2
    assert "taxed" in lacking[0]
    assert "docs/prices.md" in lacking[1]
    assert "1 of 3 requested items found" in made["feedback"]
    assert made["scores"]["completeness"] < 6


def test_a_command_may_run_the_tests(repo: Path, tachograph: Run) -> None:
    """One that is pytest tells of each test; of any other the exit status is known."""
    changed(repo, "min(prices)", "max(prices)")
    own = assessed(tachograph, "repo", "--base", "HEAD", "--test-command", "python -m pytest -q tests")
    assert "of 5 tests that passed before or are new 1 fails" in own["feedback"]
    command = "python -c 'from shop import basket; exit(basket.cheapest([1, 2]) + 1)'"  # 2 before, 3 now
    other = assessed(tachograph, "repo", "--base", "HEAD", "--test-command", command)
    assert "they failed before as well" in other["feedback"]
    command = "python -c 'from shop import basket; exit(basket.cheapest([0, 3]))'"  # 0 before, 3 now
    worse = assessed(tachograph, "repo", "--base", "HEAD", "--test-command", command)
    assert "exit status 3" in " ".join(seen["message"] for seen in worse["evidence"])
    assert worse["scores"]["correctness"] < 5 < other["scores"]["correctness"]
