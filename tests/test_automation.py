"""The files of examples/automation: their programs read them, and their commands are commands that there are."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import COMMAND, Run, clean_environment
from telemetry import agent, line

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples" / "automation"
GUIDE = (ROOT / "docs" / "automation.md").read_text(encoding="utf-8")


def cron_lines() -> list[str]:
    """The entries of the crontab."""
    lines = (FOLDER / "crontab").read_text(encoding="utf-8").splitlines()
    return [text for text in lines if text and not text.startswith("#")]


def steps() -> list[dict[str, Any]]:
    """The steps of the GitHub Action."""
    action = yaml.safe_load((FOLDER / "github-action.yml").read_text(encoding="utf-8"))
    [job] = action["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def commands(text: str) -> list[list[str]]:
    """Every call of tachograph in a text of shell, without comments, redirections and what comes after."""
    found = re.findall(r"(?:^|[\s;|&`'])(tachograph (?:report|ingest|export)[^\n;|&>'#`]*)", text)
    return [shlex.split(call)[1:] for call in found]


def everything() -> list[list[str]]:
    """All calls in the guide and the files."""
    files = [GUIDE, *(file.read_text(encoding="utf-8") for file in sorted(FOLDER.iterdir()))]
    return [call for text in files for call in commands(text) if "…" not in call]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose spool holds a few executions."""
    spool = tmp_path / "home" / "spool"
    spool.mkdir(parents=True)
    (spool / "one.otlp.jsonl").write_bytes(b"".join(line(agent(n, trace=f"{n:032x}")) for n in range(1, 9)))
    return tmp_path / "home"


def test_all_options_are_known(tachograph: Run) -> None:
    """Each command that is shown parses: with --help behind it, only a wrong option ends it otherwise."""
    shown = {tuple(call) for call in everything()}
    assert len(shown) >= 10
    for call in sorted(shown):
        ran = tachograph(*call, "--help")
        assert (ran.returncode, ran.stderr) == (0, ""), call


def test_guide_shows_the_crontab() -> None:
    """What the guide prints is what the file holds."""
    assert all(text in GUIDE for text in cron_lines())
    for file in FOLDER.iterdir():
        assert f"examples/automation/{file.name}" in GUIDE


def test_cron_lines_run(home: Path) -> None:
    """Each line has five fields of time, no % that cron would turn into a line end, and a command that a shell runs."""
    for text in cron_lines():
        *times, command = text.split(maxsplit=5)
        assert all(re.fullmatch(r"[\d*/,-]+", field) for field in times)
        assert "%" not in command
        if "--post" in command:
            continue
        env = clean_environment(home, HOME=str(home))
        ran = subprocess.run(
            ["/bin/sh", "-c", command], env=env, capture_output=True, text=True, check=False, timeout=120
        )
        assert (ran.returncode, ran.stderr) == (0, ""), command
    assert (home / "tachograph-report.html").read_text().startswith("<!doctype html>")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_units_are_valid(tmp_path: Path) -> None:
    """systemd reads service and timer without a complaint, and knows when the timer is due."""
    for file in FOLDER.glob("tachograph-report.*"):
        shutil.copy(file, tmp_path)
    units = [str(tmp_path / f"tachograph-report.{kind}") for kind in ("service", "timer")]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *units],
        env={**clean_environment(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert [text for text in checked.stderr.splitlines() if "tachograph-report" in text] == []
    due = re.search(r"OnCalendar=(.*)", (FOLDER / "tachograph-report.timer").read_text())
    assert due
    subprocess.run(["systemd-analyze", "calendar", due[1]], check=True, capture_output=True, timeout=60)


def test_commands_of_the_service_run(home: Path) -> None:
    """What systemd would start, a shell starts: reading, the page, and nothing posted where no address is set."""
    text = (FOLDER / "tachograph-report.service").read_text().replace("%h", str(home))
    started = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert len(started) == 3
    for command in started:
        subprocess.run(shlex.split(command), env=clean_environment(home), check=True, capture_output=True, timeout=120)
    assert (home / "tachograph-report.html").exists()


def test_action_runs(home: Path, tmp_path: Path) -> None:
    """The Action's own commands run one after the other as a shell of GitHub's runs them, and leave what it keeps."""
    ours = [step for step in steps() if "tachograph " in step.get("run", "")]
    assert len(ours) == 4
    summary = tmp_path / "summary.md"
    statuses = []
    for step in ours:
        env = clean_environment(home, GITHUB_STEP_SUMMARY=str(summary))
        shell = ["/bin/bash", "-e", "-c", step["run"]]
        ran = subprocess.run(shell, env=env, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        statuses.append(ran.returncode)
        assert "Traceback" not in ran.stderr
    assert statuses == [0, 0, 0, 0]
    assert summary.read_text().startswith("# ")
    [kept] = [step["with"]["path"] for step in steps() if "upload-artifact" in step.get("uses", "")]
    assert (tmp_path / kept).exists()


def test_action_pins_what_it_uses() -> None:
    """Actions have a version, jobs an end, and the token may only read."""
    action = yaml.safe_load((FOLDER / "github-action.yml").read_text(encoding="utf-8"))
    assert action["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in action["jobs"].values())
    assert all(re.search(r"@v\d", step["uses"]) for step in steps() if "uses" in step)
    assert COMMAND.exists()
