"""Commands written with click, in real processes under the real launcher."""

from pathlib import Path

import pytest
from support import Run, Span, spooled

APP = """
import sys
import click

@click.group()
def cli(): pass

@cli.group()
def recipe(): pass

@recipe.command("run")
@click.argument("code", type=int)
def run_it(code):
    if code == 99:
        raise KeyError("uncaught")
    sys.exit(code)

@cli.command()
def fine():
    click.echo("fine")

if __name__ == "__main__":
    cli(prog_name="app")
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def command(app: Path) -> Span:
    (span,) = spooled(app / "home")
    return span


def test_a_command_is_named_by_its_path(app: Path, launch: Run) -> None:
    """Program and subcommands, without arguments, which may hold secrets."""
    ended = launch("python", "app.py", "fine")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "fine\n", "")
    span = command(app)
    assert span.name == "app fine"
    assert span.attributes["dev_agency.command.name"] == "app fine"
    assert span.attributes["process.executable.name"] == "app"
    assert span.attributes["process.exit.code"] == 0
    assert span.attributes["dev_agency.outcome"] == "success"


@pytest.mark.parametrize(("code", "error"), [(3, "exit_code_3"), (99, "KeyError")])
def test_the_exit_code_is_the_real_one(app: Path, launch: Run, code: int, error: str) -> None:
    """From sys.exit, and 1 from an exception that nobody caught."""
    expected = 1 if code == 99 else code
    assert launch("python", "app.py", "recipe", "run", str(code)).returncode == expected
    span = command(app)
    assert span.name == "app recipe run"
    assert span.attributes["process.exit.code"] == expected
    assert span.attributes["error.type"] == error
    assert span.attributes["dev_agency.outcome"] != "success"
    assert str(code) not in span.name


def test_wrong_use_is_an_exit_with_2(app: Path, launch: Run) -> None:
    """click says so before any command runs."""
    assert launch("python", "app.py", "no-such-command").returncode == 2
    assert command(app).attributes["process.exit.code"] == 2
