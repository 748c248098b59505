"""Whether scores tell what they are to tell: real packages from PyPI are damaged in one way at a time, and assessed.

Every package is assessed as a change against itself: with a harmless edit, then with damage of growing degree. Printed
are the share of pairs in which damage lowers the score of its own dimension, by how much other dimensions move, and the
rank correlation of damage and score.
"""

import argparse
import ast
import json
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tachograph.quality import Order, assess

PACKAGES = (
    "cachetools==5.5.2",
    "idna==3.10",
    "more-itertools==10.7.0",
    "natsort==8.4.0",
    "tabulate==0.9.0",
    "tomli==2.2.1",
    "toolz==1.0.0",
)
DEGREES = (0.03, 0.1, 0.3)  # of all places that can be damaged
DIMENSIONS = ("correctness", "completeness", "code_quality", "efficiency")
_TESTS = ("test", "docs", "doc", "bench", "setup.py", "conftest", "examples")
_GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")

Edit = tuple[int, int, list[str]]  # first and last line (from 1) that are replaced, and by what


@dataclass
class Result:
    """Scores of one package under one kind of damage, by degree; 0 is the harmless edit."""

    package: str
    kind: str
    scores: dict[float, dict[str, float | None]] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", nargs="*", default=PACKAGES)
    parser.add_argument("--cache", type=Path, default=Path(".bench/packages"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    for package in options.packages:
        source = fetched(package, options.cache)
        for result in of_package(package, source):
            results.append(result)
            show(result)
            if options.json:
                options.json.write_text(json.dumps([vars(it) for it in results], indent=1))
    total(results)


def fetched(package: str, cache: Path) -> Path:
    """The unpacked source distribution of a package, which is downloaded the first time."""
    name = package.partition("==")[0]
    folder = cache / name
    if not folder.exists():
        with tempfile.TemporaryDirectory() as private:
            pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
            subprocess.run([*pip, "--dest", private, package], check=True)
            with tarfile.open(next(Path(private).glob("*.tar.gz"))) as archive:
                archive.extractall(private, filter="data")
            cache.mkdir(parents=True, exist_ok=True)
            shutil.move(next(it for it in Path(private).iterdir() if it.is_dir()), folder)
    return folder


def of_package(package: str, source: Path) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as private:
        repo = Path(private) / "repo"
        shutil.copytree(source, repo)
        for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "as released")):
            subprocess.run([*_GIT, *command], cwd=repo, check=True, capture_output=True)
        harmless = scored(repo, _comment)
        for kind, (_, damage) in KINDS.items():
            result = Result(package, kind, {0.0: harmless})
            for degree in DEGREES:
                result.scores[degree] = scored(repo, partial(chosen, damage, degree))
            yield result


def scored(repo: Path, edits: Callable[[Path], list[Edit]]) -> dict[str, float | None]:
    """Scores of the repository with these edits, which are undone."""
    files = [it for it in sorted(repo.rglob("*.py")) if not any(word in str(it.relative_to(repo)) for word in _TESTS)]
    for file in files:
        edit(file, edits(file))
    made = assess(Order(repo, "HEAD"))
    subprocess.run([*_GIT, "checkout", "-q", "--", "."], cwd=repo, check=True)
    return {name: getattr(made.scores, name) for name in DIMENSIONS}


def edit(file: Path, edits: list[Edit]) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    for first, last, new in sorted(edits, reverse=True):
        lines[first - 1 : last] = new
    if edits:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def chosen(damage: Callable[[Path], list[Edit]], share: float, file: Path) -> list[Edit]:
    """A share of the possible edits, of which a larger one holds a smaller one."""
    possible = damage(file)
    random.Random(str(file.name)).shuffle(possible)
    wanted = possible[: round(share * len(possible) + 0.499)]
    return [
        it for at, it in enumerate(wanted) if not any(it[0] <= other[1] and other[0] <= it[1] for other in wanted[:at])
    ]


def _comment(file: Path) -> list[Edit]:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    return [(lines + 1, lines, ["# Read again."])] if lines else []


def _functions(file: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [it for it in ast.walk(tree) if isinstance(it, ast.FunctionDef) and it.body[0].lineno > it.lineno]


def mutate(file: Path) -> list[Edit]:
    """Comparisons turned round, additions made subtractions, `and` made `or`."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    swaps: dict[type, type] = {
        ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
        ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
        ast.Add: ast.Sub, ast.Sub: ast.Add, ast.And: ast.Or, ast.Or: ast.And,
    }  # fmt: skip
    found = []
    for function in _functions(file):
        for node in ast.walk(function):
            if not isinstance(node, ast.Compare | ast.BinOp | ast.BoolOp) or node.lineno != node.end_lineno:
                continue
            operator = node.ops[0] if isinstance(node, ast.Compare) else node.op
            if type(operator) not in swaps:
                continue
            line = lines[node.lineno - 1].encode()
            swapped = swaps[type(operator)]()
            if isinstance(node, ast.Compare):
                node.ops[0] = swapped
            else:
                node.op = swapped
            new = line[: node.col_offset] + b"(" + ast.unparse(node).encode() + b")" + line[node.end_col_offset :]
            found.append((node.lineno, node.lineno, [new.decode()]))
    return found


def drop(file: Path) -> list[Edit]:
    """Public functions that nothing else in the package names are dropped, and docstrings of the others."""
    package = "\n".join(it.read_text(encoding="utf-8") for it in file.parent.rglob("*.py") if "test" not in it.name)
    found: list[Edit] = []
    for function in _functions(file):
        name = function.name
        if name.startswith("_"):
            continue
        first = min([function.lineno, *(it.lineno for it in function.decorator_list)])
        indent = " " * function.col_offset
        if package.count(name) == 1 and not function.decorator_list:
            found.append((first, function.end_lineno or first, [f"{indent}pass"] if function.col_offset else []))
        elif ast.get_docstring(function) and len(function.body) > 1:
            found.append((function.body[0].lineno, function.body[0].end_lineno or first, []))
    return found


def spoil(file: Path) -> list[Edit]:
    """Bodies wrapped into handlers that catch everything, and conditions nested for nothing."""
    found = []
    lines = file.read_text(encoding="utf-8").splitlines()
    for function in _functions(file):
        start = function.body[1:] if ast.get_docstring(function) else function.body
        if not start or any(
            '"""' in line or "'''" in line for line in lines[start[0].lineno - 1 : function.end_lineno]
        ):
            continue
        pad = " " * start[0].col_offset
        first, last = start[0].lineno, function.end_lineno or start[0].lineno
        first = min([first, *(it.lineno for it in getattr(start[0], "decorator_list", []))])
        body = [f"        {line}" if line.strip() else line for line in lines[first - 1 : last]]
        nest = [
            f"{pad}try:",
            f"{pad}    if True == True:",
            *body,
            f"{pad}except:",
            f"{pad}    import os, sys",
            f"{pad}    raise",
        ]
        found.append((first, last, nest))
    return found


def slow(file: Path) -> list[Edit]:
    """Functions that count to thirty before they do anything, where they loop with each turn."""
    found = []
    for function in _functions(file):
        loops = [it for it in ast.walk(function) if isinstance(it, ast.For | ast.While)]
        start = loops[0].body[0] if loops else (function.body[1:] or function.body)[0]
        if start.lineno == (loops[0].lineno if loops else function.lineno):
            continue
        first = min([start.lineno, *(it.lineno for it in getattr(start, "decorator_list", []))])
        pad = " " * start.col_offset
        found.append((first, first - 1, [f"{pad}for _turn in range(30):", f"{pad}    pass"]))
    return found


KINDS: dict[str, tuple[str, Callable[[Path], list[Edit]]]] = {
    "mutations": ("correctness", mutate),
    "dropped": ("completeness", drop),
    "spoiled": ("code_quality", spoil),
    "slowed": ("efficiency", slow),
}


def show(result: Result) -> None:
    own = KINDS[result.kind][0]
    scores = " ".join(_number(of[own]) for of in result.scores.values())
    moves = " ".join(f"{name} {_number(move)}" for name, move in moved(result).items())
    print(f"{result.package:26} {result.kind:10} {own:13} {scores:28}  others moved: {moves}", flush=True)


def moved(result: Result) -> dict[str, float | None]:
    """Mean distance of the other dimensions from the harmless edit."""
    found: dict[str, float | None] = {}
    for name in DIMENSIONS:
        start = result.scores[0.0][name]
        of = [scores[name] for degree, scores in result.scores.items() if degree]
        distances = [abs(score - start) for score in of if score is not None and start is not None]
        if name != KINDS[result.kind][0]:
            found[name] = statistics.fmean(distances) if distances else None
    return found


def total(results: list[Result]) -> None:
    print(f"\n{'damage':12}{'dimension':15}{'lower':>12}{'Spearman':>10}   others moved by, on average")
    for kind, (own, _) in KINDS.items():
        mine = [it for it in results if it.kind == kind]
        pairs = [(it.scores[0.0][own], score[own]) for it in mine for degree, score in it.scores.items() if degree]
        lower = sum(score is not None and start is not None and score < start for start, score in pairs)
        ranks = [spearman([of[own] or 0.0 for of in it.scores.values()]) for it in mine]
        moves = {
            name: [move[name] for it in mine if (move := moved(it))[name] is not None]
            for name in DIMENSIONS
            if name != own
        }
        said = ", ".join(f"{name} {statistics.fmean(of):.2f}" for name, of in moves.items() if of)
        print(f"{kind:12}{own:15}{lower:5} of {len(pairs):3}{statistics.fmean(ranks):10.2f}   {said}")


def spearman(scores: list[float]) -> float:
    """Rank correlation of growing damage and falling scores, 1 where each degree scores lower than the one before."""
    places = [sum(other < score for other in scores) + (scores.count(score) - 1) / 2 for score in scores]
    if len(set(places)) == 1:
        return 0.0
    return -statistics.correlation(list(range(len(scores))), places)


def _number(value: float | None) -> str:
    return "   –" if value is None else f"{value:5.2f}"


if __name__ == "__main__":
    main()
