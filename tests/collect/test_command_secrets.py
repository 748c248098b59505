"""No option's value, user name or path of a home folder in any byte that a command writes, whatever its library."""

import json
import subprocess
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from support import LAUNCHER, Receiver, Run, clean_environment, spooled

CLICK = """
import click

@click.command()
@click.option("--token", "-t")
@click.option("--issue", envvar="APP_ISSUE")
@click.option("--again", prompt=True, hide_input=True)
@click.option("--how")
def cli(token, issue, again, how):
    from work import work
    work(how, token, issue, again)

if __name__ == "__main__":
    cli()
"""
TYPER = """
import typer

cli = typer.Typer(pretty_exceptions_enable=False)

@cli.command()
def main(token: str = typer.Option("", "--token", "-t"), issue: str = typer.Option("", envvar="APP_ISSUE"),
         again: str = typer.Option(..., prompt=True, hide_input=True), how: str = ""):
    from work import work
    work(how, token, issue, again)

if __name__ == "__main__":
    cli()
"""
ARGPARSE = """
import argparse, os, sys
from work import work

parser = argparse.ArgumentParser()
parser.add_argument("--token", "-t")
parser.add_argument("--how")
options = parser.parse_args()
sys.exit(work(options.how, options.token, os.environ["APP_SECRET"], os.environ["APP_SECRET"]))
"""
WORK = """
import os, sys
import tachograph

def work(how, *secrets):
    try:
        with tachograph.agent("inner"):
            raise ValueError(f"inside {secrets[0]!r}")
    except ValueError:
        pass
    if how == "crash":
        raise KeyError(f"cannot log in with {secrets} at {os.path.expanduser('~/keys')} as {os.environ['USER']}")
    if how == "exit":
        sys.exit(f"no: {secrets}")
"""
PROGRAMS = {"click": CLICK, "typer": TYPER, "argparse": ARGPARSE}
SECRETS = {"option": "quiet-one", "variable": "quiet-two", "prompt": "quiet-three", "person": "zaphodbeeble"}
GIVEN = {"apart": ["--token", "quiet-one"], "joined": ["--token=quiet-one"], "short": ["-tquiet-one"]}


@pytest.mark.parametrize(("given", "how"), [("apart", "succeed"), ("short", "crash"), ("joined", "exit")])
@pytest.mark.parametrize("library", PROGRAMS)
def test_no_value_of_an_option_leaves_a_command(
    tmp_path: Path, tachograph: Run, receiver: ThreadingHTTPServer, library: str, given: str, how: str
) -> None:
    """On the command line in three ways, from the environment, from a hidden prompt; in success, crash and exit."""
    (tmp_path / "app.py").write_text(PROGRAMS[library])
    (tmp_path / "work.py").write_text(WORK)
    home = tmp_path / SECRETS["person"]
    environment = clean_environment(
        tmp_path / "kept",
        HOME=str(home),
        USER=SECRETS["person"],
        LOGNAME=SECRETS["person"],
        APP_ISSUE=SECRETS["variable"],
        APP_SECRET=SECRETS["variable"],
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.server_port}",
        OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
        TACHOGRAPH_EXIT_MS="20000",
    )
    command = [LAUNCHER, "python", "app.py", *GIVEN[given], "--how", how]
    subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        input=f"{SECRETS['prompt']}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    names = [span.name for span in spooled(tmp_path / "kept")]
    assert names == ["invoke_agent inner", "app.py"]
    left = b"".join(file.read_bytes() for file in (tmp_path / "kept" / "spool").iterdir())
    left += b"".join(body for bodies in Receiver.received.values() for body in bodies)
    pytest.importorskip("duckdb", reason="what is exported needs the analysis extra")
    tachograph("ingest", home=tmp_path / "kept")
    exported = tachograph("export", "--format", "logs", home=tmp_path / "kept").stdout
    assert [json.loads(line)["event"] for line in exported.splitlines()].count("command_execution") == 1
    assert [kind for kind, secret in SECRETS.items() if secret.encode() in left + exported.encode()] == []
