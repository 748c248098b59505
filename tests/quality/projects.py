"""Small real projects in real git repositories, to be assessed by the real command."""

import json
import subprocess
from pathlib import Path
from typing import Any

from support import Run

CODE = '''"""Prices of what is in a basket."""


def total(prices: list[float]) -> float:
    """Add up the prices."""
    result = 0.0
    for price in prices:
        result += price
    return result


def discounted(price: float, percent: float) -> float:
    """Take a percentage off a price."""
    if not 0 <= percent <= 100:
        raise ValueError(f"{percent} is no percentage")
    return price * (100 - percent) / 100


def cheapest(prices: list[float]) -> float:
    """Find the lowest price."""
    if not prices:
        raise ValueError("there are no prices")
    return min(prices)
'''
TESTS = """import pytest

from shop import basket


def test_total():
    assert basket.total([1.0, 2.5] * 20) == 70.0


def test_total_of_nothing():
    assert basket.total([]) == 0.0


def test_discounted():
    assert basket.discounted(50.0, 10.0) == 45.0


def test_no_percentage():
    with pytest.raises(ValueError, match="no percentage"):
        basket.discounted(1.0, 101.0)


def test_cheapest():
    assert basket.cheapest([3.0, 1.0]) == 1.0
"""
FILES = {"shop/__init__.py": '"""A shop."""\n', "shop/basket.py": CODE, "tests/test_basket.py": TESTS}


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as nobody in particular."""
    who = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files by their paths below a folder."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def committed(folder: Path, files: dict[str, str] = FILES) -> Path:
    """A repository with these files in its only commit."""
    folder.mkdir()
    write(folder, files)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "before")
    return folder


def changed(folder: Path, old: str, new: str, path: str = "shop/basket.py") -> None:
    """Replace a text that occurs in a file."""
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new))


def assessed(tachograph: Run, *arguments: object, **rest: Any) -> dict[str, Any]:
    """What `tachograph assess … --format json` says."""
    ended = tachograph("assess", *arguments, "--format", "json", **rest)
    assert ended.returncode == 0, ended.stderr
    made: dict[str, Any] = json.loads(ended.stdout)
    return made


def rules(made: dict[str, Any]) -> set[str]:
    """The rules that an assessment rests on."""
    return {seen["rule"] for seen in made["evidence"]}
