"""The same program written with click, Typer and argparse says the same of itself, in real processes."""

from pathlib import Path

import pytest
from support import Run, Span, spooled

CLICK = """
import sys
import click

@click.group()
@click.option("--verbose", "-v", is_flag=True)
def cli(verbose): pass

@cli.command()
@click.option("--issue", "-i", required=True)
@click.option("--color/--no-color", default=True)
def show(issue, color): print("shown")

@cli.command()
@click.option("--code", type=int, default=3)
def fail(code): sys.exit(code)

@cli.command()
def crash(): raise KeyError("uncaught")

if __name__ == "__main__":
    cli()
"""
TYPER = """
import sys
import typer

cli = typer.Typer(pretty_exceptions_enable=False)

@cli.callback()
def main(verbose: bool = typer.Option(False, "--verbose", "-v")): pass

@cli.command()
def show(issue: str = typer.Option(..., "--issue", "-i"), color: bool = True): print("shown")

@cli.command()
def fail(code: int = 3): sys.exit(code)

@cli.command()
def crash(): raise KeyError("uncaught")

if __name__ == "__main__":
    cli()
"""
ARGPARSE = """
import argparse
import sys

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--verbose", "-v", action="store_true")
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show")
    show.add_argument("--issue", "-i", required=True)
    show.add_argument("--color", action=argparse.BooleanOptionalAction, default=True)
    commands.add_parser("fail").add_argument("--code", type=int, default=3)
    commands.add_parser("crash")
    options = parser.parse_args()
    if options.command == "show":
        print("shown")
    elif options.command == "fail":
        return options.code
    else:
        raise KeyError("uncaught")

if __name__ == "__main__":
    EXIT(main())
"""
PROGRAMS = {
    "click": CLICK,
    "typer": TYPER,
    "argparse": ARGPARSE.replace("EXIT", "sys.exit"),
    "argparse, SystemExit": ARGPARSE.replace("EXIT", "raise SystemExit"),
}


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(PROGRAMS[request.param])
    return tmp_path


def only_command(folder: Path) -> Span:
    (span,) = spooled(folder / "home")
    return span


@pytest.mark.parametrize(
    ("arguments", "name", "options", "code", "outcome", "error"),
    [
        (["show", "--issue", "s3cret"], "app.py show", ["--issue"], 0, "success", None),
        (["-v", "show", "-i=s3cret"], "app.py show", ["--verbose", "--issue"], 0, "success", None),
        (["show", "--issue=s3cret", "--no-color"], "app.py show", ["--issue", "--no-color"], 0, "success", None),
        (["fail"], "app.py fail", None, 3, "failure", "exit_code_3"),
        (["fail", "--code", "0"], "app.py fail", ["--code"], 0, "success", None),
        (["--verbose", "fail", "--code=300"], "app.py fail", ["--verbose", "--code"], 44, "failure", "exit_code_44"),
        (["crash"], "app.py crash", None, 1, "error", "KeyError"),
        (["show"], "app.py show", None, 2, "failure", "exit_code_2"),
        (["s3cret"], "app.py", None, 2, "failure", "exit_code_2"),
    ],
)
def test_the_libraries_say_the_same(
    program: Path,
    launch: Run,
    arguments: list[str],
    name: str,
    options: list[str] | None,
    code: int,
    outcome: str,
    error: str | None,
) -> None:
    """Name, options, exit code, outcome and error type, in one span; no value of an argument in any byte."""
    assert launch("python", "app.py", *arguments).returncode == code
    span = only_command(program)
    assert (span.name, span.attributes["dev_agency.command.name"]) == (name, name)
    assert span.attributes["process.executable.name"] == "app.py"
    assert span.attributes.get("dev_agency.command.options") == options
    assert span.attributes["process.exit.code"] == code
    assert span.attributes.get("dev_agency.outcome", "success") == outcome
    assert span.attributes.get("error.type") == error
    written = b"".join(file.read_bytes() for file in (program / "home" / "spool").iterdir())
    assert b"s3cret" not in written
    assert str(Path.home()).encode() + b"/" not in written


ABBREVIATED = """
import argparse
parser = argparse.ArgumentParser(prog="tool")
parser.add_argument("-a", action="store_true")
parser.add_argument("-b", "--bold", action="store_true")
parser.add_argument("--output")
parser.add_argument("rest", nargs="*")
parser.parse_args()
"""


def test_argparse_abbreviations_and_clusters_are_resolved(tmp_path: Path, launch: Run) -> None:
    """As argparse itself resolves them; what stands behind -- is no option."""
    (tmp_path / "app.py").write_text(ABBREVIATED)
    assert launch("python", "app.py", "-ab", "--out=x", "--", "--bold").returncode == 0
    span = only_command(tmp_path)
    assert span.name == "tool"
    assert span.attributes["dev_agency.command.options"] == ["-a", "--bold", "--output"]


def test_nested_subcommands_and_aliases_of_argparse(tmp_path: Path, launch: Run) -> None:
    """The whole path, by the names that the program gave first."""
    (tmp_path / "app.py").write_text(
        "import argparse\n"
        "top = argparse.ArgumentParser(prog='tool')\n"
        "top.add_subparsers().add_parser('recipe', aliases=['r']).add_subparsers().add_parser('run')"
        ".add_argument('file')\n"
        "top.parse_args()\n"
    )
    assert launch("python", "app.py", "r", "run", "f").returncode == 0
    assert only_command(tmp_path).name == "tool recipe run"


NESTED = """
import argparse
import click

@click.group()
def cli(): pass

@cli.command()
@click.option("--fast", is_flag=True)
def go(fast): raise SystemExit(4)

parser = argparse.ArgumentParser(prog="app")
parser.add_argument("--verbose", action="store_true")
options, rest = parser.parse_known_args()
cli(rest, prog_name="app")
"""
CONFIGURED = """
import argparse
import typer

app = typer.Typer()

@app.command()
def go(n: int = 1):
    argparse.ArgumentParser().parse_args([])
    argparse.ArgumentParser().parse_known_args(["--mine"])

@app.command()
def other(): pass

app()
"""
PROGRAMMATIC = """
import click

@click.command()
@click.option("--n", type=int)
def cli(n): raise click.ClickException("no")

try:
    cli(standalone_mode=False)
except click.ClickException:
    raise SystemExit(5)
"""


@pytest.mark.parametrize(
    ("code", "arguments", "name", "options", "status"),
    [
        (NESTED, ["--verbose", "go", "--fast"], "app go", ["--verbose", "--fast"], 4),
        (CONFIGURED, ["go", "--n", "2"], "app.py go", ["--n"], 0),
        (PROGRAMMATIC, ["--n", "2"], "app.py", ["--n"], 5),
    ],
)
def test_nested_libraries_are_one_command(
    tmp_path: Path, launch: Run, code: str, arguments: list[str], name: str, options: list[str], status: int
) -> None:
    """click inside argparse, argparse inside Typer, click whose exit the program decides."""
    (tmp_path / "app.py").write_text(code)
    assert launch("python", "app.py", *arguments).returncode == status
    span = only_command(tmp_path)
    assert (span.name, span.attributes["dev_agency.command.options"]) == (name, options)
    assert span.attributes["process.exit.code"] == status


@pytest.mark.parametrize(
    "code",
    [
        "print('serving')",
        "import sys; sys.exit(0)",
        "import lib; lib.configure(); print('serving')",
    ],
)
def test_a_service_is_no_command(tmp_path: Path, launch: Run, code: str) -> None:
    """A script that parses nothing, whatever the libraries do that it uses."""
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "lib.py").write_text(
        "import argparse\n"
        "def configure():\n"
        "    parser = argparse.ArgumentParser()\n"
        "    parser.add_argument('--level', default=1)\n"
        "    parser.parse_known_args()\n"
        "    parser.parse_args([])\n"
        "    parser.parse_args(['--level', '2'])\n"
    )
    (tmp_path / "app.py").write_text(f"import sys; sys.path.append('site-packages')\n{code}\n")
    assert launch("python", "app.py", "argument").returncode == 0
    assert not (tmp_path / "home" / "spool").exists()


@pytest.mark.parametrize(
    ("ending", "code", "outcome", "error"),
    [
        ("", 0, "success", None),
        ("sys.exit()", 0, "success", None),
        ("sys.exit('it went wrong')", 1, "failure", "exit_code_1"),
        ("raise ValueError('x')", 1, "error", "ValueError"),
        ("raise KeyboardInterrupt", -2, "cancellation", "KeyboardInterrupt"),
        ("try: sys.exit(9)\nexcept SystemExit: pass", 0, "success", None),
        ("try: raise ValueError\nexcept ValueError: sys.exit(6)", 6, "failure", "exit_code_6"),
        ("def deep(): raise SystemExit(8)\ndeep()", 8, "failure", "exit_code_8"),
        ("import threading\nt = threading.Thread(target=sys.exit, args=(9,)); t.start(); t.join()", 0, "success", None),
        ("import os\nif os.fork() == 0: sys.exit(9)\nos.wait()", 0, "success", None),
        ("sys.excepthook = lambda *_: print('mine')\nraise ValueError", 1, "error", "ValueError"),
    ],
)
def test_the_process_ends_as_it_really_did(
    tmp_path: Path, launch: Run, ending: str, code: int, outcome: str, error: str | None
) -> None:
    """However a program of argparse ends, with exactly one span; exits that are caught are none."""
    (tmp_path / "app.py").write_text(
        f"import argparse, sys\nargparse.ArgumentParser(prog='app').parse_args()\n{ending}\n"
    )
    assert launch("python", "app.py").returncode == code
    span = only_command(tmp_path)
    assert span.attributes["process.exit.code"] == (130 if code == -2 else code)
    assert span.attributes.get("dev_agency.outcome", "success") == outcome
    assert span.attributes.get("error.type") == error


@pytest.mark.parametrize("library", ["click", "typer"])
def test_ctrl_c_is_a_cancellation(tmp_path: Path, launch: Run, library: str) -> None:
    """Whichever status the library makes of it."""
    (tmp_path / "app.py").write_text(PROGRAMS[library].replace('KeyError("uncaught")', "KeyboardInterrupt"))
    ended = launch("python", "app.py", "crash")
    span = only_command(tmp_path)
    assert span.attributes["process.exit.code"] == ended.returncode != 0
    assert span.attributes["dev_agency.outcome"] == "cancellation"


def test_a_module_is_a_program(tmp_path: Path, launch: Run) -> None:
    """`python -m app` is called app, in click and in argparse."""
    for name in ("click", "argparse"):
        package = tmp_path / f"my{name}"
        package.mkdir()
        (package / "__main__.py").write_text(PROGRAMS[name])
        assert launch("python", "-m", f"my{name}", "fail").returncode == 3
    assert [span.name for span in spooled(tmp_path / "home")] == ["myclick fail", "myargparse fail"]


def installed(folder: Path, code: str) -> Path:
    """A script as installers write it, for the function `main` of a distribution that holds `code`."""
    (folder / "pkg.py").write_text(code)
    metadata = folder / "pkg-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[console_scripts]\nmytool = pkg:main\n")
    script = folder / "mytool"
    script.write_text(
        "#!/usr/bin/env python\nimport sys\nfrom pkg import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    )
    script.chmod(0o755)
    return script


@pytest.mark.parametrize(
    ("code", "arguments", "name", "status"),
    [
        ("import sys\ndef main(): return int(sys.argv[1])\n", ["5"], "mytool", 5),
        ("def main(): pass\n", ["s3cret"], "mytool", 0),
        (ARGPARSE.replace("EXIT", "sys.exit"), ["fail"], "mytool fail", 3),
        (CLICK + "\ndef main(): cli()\n", ["fail"], "mytool fail", 3),
        (CLICK + "\nmain = cli\n", ["fail"], "mytool fail", 3),
        (TYPER + "\nmain = cli\n", ["fail"], "mytool fail", 3),
    ],
)
def test_a_console_script_is_one_command(
    tmp_path: Path, launch: Run, code: str, arguments: list[str], name: str, status: int
) -> None:
    """Started from its entry-point script, with a library for its arguments or without."""
    installed(tmp_path, code)
    ended = launch("python", "mytool", *arguments, PYTHONPATH=str(tmp_path))
    assert ended.returncode == status, ended.stderr
    span = only_command(tmp_path)
    assert (span.name, span.attributes["process.exit.code"]) == (name, status)
    assert span.attributes["process.executable.name"] == "mytool"


@pytest.mark.parametrize("library", ["click", "typer"])
def test_completion_is_no_command(tmp_path: Path, launch: Run, library: str) -> None:
    """A press of TAB does not count as use."""
    (tmp_path / "app.py").write_text(PROGRAMS[library])
    variables = {
        "_APP_PY_COMPLETE": "bash_complete",
        "_APP.PY_COMPLETE": "complete_bash",
        "COMP_WORDS": "app.py ",
        "COMP_CWORD": "1",
    }
    launch("python", "app.py", **variables)
    assert not (tmp_path / "home" / "spool").exists()


@pytest.mark.parametrize("raised", ["ValueError(value + ' in ' + os.path.expanduser('~/x'))", "SystemExit(value)"])
def test_messages_repeat_no_arguments(tmp_path: Path, launch: Run, raised: str) -> None:
    """What a program says of its arguments is left out of the message that is kept, and where the user's files are."""
    (tmp_path / "app.py").write_text(
        "import argparse, os\nparser = argparse.ArgumentParser()\nparser.add_argument('--key')\n"
        f"value = parser.parse_args().key\nraise {raised}\n"
    )
    assert launch("python", "app.py", "--key=s3cret", HOME="/home/somebody").returncode == 1
    only_command(tmp_path)
    written = b"".join(file.read_bytes() for file in (tmp_path / "home" / "spool").iterdir())
    assert b"s3cret" not in written
    assert b"somebody" not in written
