"""Whatever is handed in: a clear result or one line, never a traceback."""

import os
import subprocess
from pathlib import Path

import pytest
from projects import CODE, TESTS, assessed, committed, git, rules, write
from support import COMMAND, Run, clean_environment


def test_an_empty_change(tmp_path: Path, tachograph: Run) -> None:
    """Nothing can be measured, which is said of each dimension."""
    committed(tmp_path / "repo")
    made = assessed(tachograph, "repo", "--base", "HEAD")
    assert set(made["scores"].values()) == {None}
    assert made["overall_score"] is None
    assert set(made["not_measured"]) == set(made["scores"])


def test_a_binary_and_a_file_that_is_no_python(tmp_path: Path, tachograph: Run) -> None:
    """They have no score, and do no harm."""
    repo = committed(tmp_path / "repo")
    (repo / "picture.png").write_bytes(bytes(range(256)) * 100)
    (repo / 'odd "name\n.txt').write_text("odd")
    made = assessed(tachograph, "repo", "--base", "HEAD")
    assert made["subject"]["files"] == 2
    assert made["overall_score"] is None


def test_a_folder_without_tests_and_without_git(tmp_path: Path, tachograph: Run) -> None:
    """What tests would tell counts half; efficiency has nothing to compare with, and the rest weighs more."""
    write(tmp_path / "plain", {"shop/__init__.py": "", "shop/basket.py": CODE})
    made = assessed(tachograph, "plain")
    assert 5 < made["scores"]["correctness"] < 8
    assert "there are no tests" in made["feedback"]
    assert made["scores"]["efficiency"] is None
    assert "no version before" in made["not_measured"]["efficiency"]
    assert sum(made["weights"].values()) == pytest.approx(100)
    assert made["weights"]["correctness"] == pytest.approx(100 * 40 / 90)


def test_a_single_file_with_a_syntax_error(tmp_path: Path, tachograph: Run) -> None:
    """It is told where, and scores nothing."""
    (tmp_path / "broken.py").write_text('"""Broken."""\n\ndef f(:\n    pass\n')
    made = assessed(tachograph, "broken.py")
    assert made["scores"]["correctness"] == 0
    (seen,) = [seen for seen in made["evidence"] if seen["rule"] == "syntax"]
    assert (seen["file"], seen["line"]) == ("broken.py", 3)


def test_fifty_thousand_lines(tmp_path: Path, tachograph: Run) -> None:
    """In one file, with a test beside it."""
    big = "".join(f"def f{n}(x):\n    return x + {n}\n\n\n" for n in range(12_500))
    write(tmp_path / "big", {"big.py": big, "test_big.py": "import big\n\n\ndef test():\n    assert big.f1(1) == 2\n"})
    made = assessed(tachograph, "big")
    assert made["subject"]["python_lines"] > 25_000
    assert made["scores"]["correctness"] > 9
    assert len(made["evidence"]) < 1_000


def test_code_that_ends_or_hangs_nothing_but_itself(tmp_path: Path, tachograph: Run) -> None:
    """A module that ends the process when it is imported, tests that cannot be collected, a parser's nightmare."""
    files = {
        "ends.py": "import os\nos._exit(3)\n",
        "deep.py": "x = " + "(" * 5_000 + ")" * 5_000 + "\n",
        "odd.py": "x = '\0'\n",
        "test_ends.py": "import ends\n\n\ndef test():\n    assert ends\n",
    }
    write(tmp_path / "hostile", files)
    made = assessed(tachograph, "hostile")
    assert made["scores"]["correctness"] < 5
    assert {"syntax", "import"} <= rules(made)


def test_the_judged_have_no_say_in_how(tmp_path: Path, tachograph: Run) -> None:
    """Their settings and modules are not those of the tools; what their repository asks git to run is not run."""
    planted = f"import pathlib\npathlib.Path({os.fspath(tmp_path / 'planted')!r}).write_text('ran')\n"
    settings = "[tool.ruff.lint]\nselect = []\n[tool.mypy]\nplugins = ['ruff']\n"
    files = {"ruff.py": planted, "mypy.py": planted, "sitecustomize.py": planted, "pyproject.toml": settings}
    repo = committed(tmp_path / "repo", {**files, "calc.py": "def f():\n    return 1\n"})
    write(repo, {"calc.py": "def f():\n    try:\n        return 1\n    except:  # noqa\n        pass\n"})
    script = tmp_path / "monitor"
    script.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'planted'}'\n")
    script.chmod(0o755)
    write(repo, {".gitattributes": "*.py filter=planted diff=planted\n"})
    for key in (
        "core.fsmonitor",
        "filter.planted.clean",
        "filter.planted.smudge",
        "diff.planted.textconv",
        "diff.external",
    ):
        git(repo, "config", key, os.fspath(script))
    made = assessed(tachograph, "repo", "--base", "HEAD")
    assert "E722" in rules(made)
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "there is no nowhere"),
        (("plain", "--base", "HEAD"), "not a git repository"),
        (("repo", "--base", "no-such-ref"), "knows no commit 'no-such-ref'"),
        (("repo", "--base", "--output=x"), "expected one argument"),
        (("repo", "--spec", "nowhere.md"), "there is no nowhere.md"),
        (("repo", "--spec", "spec.json"), "a specification in JSON"),
        ((), "say which folder or file"),
    ],
)
def test_wrong_use_is_one_line(tmp_path: Path, tachograph: Run, arguments: tuple[str, ...], says: str) -> None:
    """With exit status 2."""
    committed(tmp_path / "repo")
    write(tmp_path, {"plain/a.py": "", "spec.json": "[]"})
    ended = tachograph("assess", *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_without_git_a_base_is_refused(tmp_path: Path) -> None:
    """And a folder is assessed all the same."""
    write(tmp_path / "plain", {"shop/__init__.py": "", "tests/test_it.py": TESTS.replace("shop", "os")})
    environment = {**clean_environment(tmp_path / "home"), "PATH": os.fspath(COMMAND.parent)}
    command = [COMMAND, "assess", "plain", "--base", "HEAD"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, "git is not installed" in ended.stderr) == (2, True)
