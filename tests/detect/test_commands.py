"""Errors of commands, which have neither agents nor recipes."""

import random
from pathlib import Path

from telemetry import line, span

from tachograph.detect import Findings, judge
from tachograph.measure.history import gathered
from tachograph.records import Window
from tachograph.store import ingest, open_store

ALL = Window(0, 2**63 - 1)
SECOND = 1_000_000_000
UNREADABLE = "manifest has no field version"


def _command(number: int, breaks: bool) -> bytes:
    """One execution of a command or another, of one release or the next one."""
    chance = random.Random(f"commands/{number}")
    name, is_new = chance.choice(["ci deploy", "ci build"]), chance.random() < 0.5
    cannot_read = name == "ci deploy" and (is_new or not breaks)
    message = UNREADABLE if cannot_read else "the disk is full"
    facts = {"process.executable.name": "ci", "dev_agency.command.name": name}
    failed = {"status": {"code": 2, "message": message}} if chance.random() < (0.5 if cannot_read else 0.05) else {}
    start = number * 600 * SECOND
    made = span(
        1, facts, trace=f"{number + 1:032x}", start=start, end=start + int(chance.lognormvariate(0, 0.3) * SECOND),
        name=name, **failed,
    )  # fmt: skip
    return line(made, resource={"service.name": "ci", "service.version": "3.2" if is_new else "3.1"})


def _judged(home: Path, breaks: bool) -> Findings:
    file = home / "commands.jsonl"
    file.write_bytes(b"".join(_command(number, breaks) for number in range(240)))
    with open_store(home / "commands.duckdb") as store:
        assert ingest(store, [file]).rejected == 0
        return judge(*gathered(store, ALL))


def test_an_error_that_came_with_a_release_is_told_with_the_command(tmp_path: Path) -> None:
    """Of two commands one cannot read its manifest since the release."""
    first = _judged(tmp_path, breaks=True).bottlenecks[0]
    assert (first.cause, first.category) == ("error_pattern", "infrastructure")
    assert first.affected_components[:2] == ["3.2", "ci deploy"]
    assert UNREADABLE in first.description


def test_how_a_command_mostly_fails_is_no_bottleneck(tmp_path: Path) -> None:
    """It fails as often, and in the same way, with either release: there is nothing that could be changed."""
    assert _judged(tmp_path, breaks=False).bottlenecks == []


def _loads(number: int) -> bytes:
    """One execution of a command or another, each on one of three kinds of data; one cannot decode one of them."""
    chance = random.Random(f"loads/{number}")
    name, kind = chance.choice(["etl extract", "etl check"]), chance.choice(["orders", "logs", "users"])
    cannot = name == "etl extract" and kind == "logs" and chance.random() < 0.4
    facts = {"process.executable.name": "etl", "dev_agency.command.name": name, "dev_agency.task.class": kind}
    failed = {"status": {"code": 2, "message": "invalid start byte" if cannot else "the disk is full"}}
    start = number * 600 * SECOND
    made = span(
        1, facts, trace=f"{number + 1:032x}", start=start, end=start + int(chance.lognormvariate(0, 0.3) * SECOND),
        name=name, **(failed if cannot or chance.random() < 0.04 else {}),
    )  # fmt: skip
    return line(made)


def test_a_command_is_held_against_itself_under_other_conditions(tmp_path: Path) -> None:
    """It fails with one kind of data; the effect is that of all its executions."""
    file = tmp_path / "loads.jsonl"
    file.write_bytes(b"".join(_loads(number) for number in range(360)))
    with open_store(tmp_path / "loads.duckdb") as store:
        ingest(store, [file])
        first = judge(*gathered(store, ALL)).bottlenecks[0]
    assert (first.cause, first.affected_components) == ("error_pattern", ["etl extract", "logs"])
    assert first.effect.ci[0] <= 40 / 3 <= first.effect.ci[1]
