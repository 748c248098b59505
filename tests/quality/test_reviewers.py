"""Reviewers of others, found by entry point."""

from pathlib import Path

import pytest
from projects import assessed, write
from support import Run

MODULE = """
from tachograph.quality import Judgement, reviewer
from tachograph.records import Observation


@reviewer("correctness", version="7")
def strict(bench):
    seen = [Observation("correctness", f"{path} was read", path) for path in bench.judged]
    return Judgement(1.0, "strict", seen, ["Be strict"])


@reviewer("completeness", version="1")
def broken(bench):
    raise RuntimeError("no")
"""
ENTRIES = (
    "[tachograph_reviewers]\nacme = acme_reviews:strict\nbroken = acme_reviews:broken\nlost = acme_reviews:nowhere\n"
)


def test_a_reviewer_that_is_installed_has_its_say(
    tmp_path: Path, tachograph: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mean of both counts, the version says so; one that breaks down, or cannot be loaded, stops nobody."""
    folder = "site/acme_reviews-1.0.dist-info"
    metadata = "Metadata-Version: 2.1\nName: acme-reviews\nVersion: 1.0\n"
    write(
        tmp_path,
        {"site/acme_reviews.py": MODULE, f"{folder}/METADATA": metadata, f"{folder}/entry_points.txt": ENTRIES},
    )
    write(tmp_path, {"plain/a.py": '"""A."""\n'})
    alone = assessed(tachograph, "plain")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    made = assessed(tachograph, "plain")
    assert made["scores"]["correctness"] == pytest.approx((alone["scores"]["correctness"] + 1) / 2, abs=0.01)
    assert made["reviewer_version"] == alone["reviewer_version"] + "+acme-7+broken-1"
    assert "a.py was read" in [seen["message"] for seen in made["evidence"]]
    assert made["scores"]["completeness"] == alone["scores"]["completeness"]
    assert "RuntimeError: no" in made["feedback"]
    assert [problem.partition(":")[0] for problem in made["subject"]["reviewers_left_out"]] == ["lost"]
