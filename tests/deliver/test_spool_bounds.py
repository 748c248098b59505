"""A spool rotates, is held within its bounds, and counts what it lost."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import ConsoleSpanExporter

from tachograph import settings
from tachograph.deliver import losses, segments, sweeping
from tachograph.deliver.exporters import speaks_otlp
from tachograph.deliver.segments import Segment
from tachograph.deliver.shipping.ledger import Ledger, Progress
from tachograph.deliver.spool import Spool
from tachograph.settings import SpoolBounds

SPAN = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x"}]}]}]}\n'
SMALL = SpoolBounds(bytes=8_000)


def span(number: int) -> bytes:
    return SPAN % (1, number)


def finished(folder: Path, begun: int, *lines: bytes) -> Segment:
    """A segment whose writer is gone."""
    folder.mkdir(exist_ok=True)
    segment = Segment(folder / f"{begun}-{begun}-abcd.otlp.jsonl")
    segment.path.write_bytes(b"".join(lines))
    return segment


def shipped(folder: Path, segment: Segment) -> None:
    size = segment.path.stat().st_size
    Ledger.read(folder).advance({segment.path.name: Progress(dict.fromkeys(segments.SIGNALS, size), 1)})


def test_a_full_file_is_followed_by_another_one(tmp_path: Path) -> None:
    """Each line once and in order, each file a private one, and only the last one has a writer."""
    spool = Spool(tmp_path / "spool", SpoolBounds(bytes=80_000))
    for number in range(500):
        spool.write(span(number))
    files = segments.listed(tmp_path / "spool")
    assert len(files) > 3
    assert b"".join(file.path.read_bytes() for file in files) == b"".join(map(span, range(500)))
    assert {stat.S_IMODE(file.path.stat().st_mode) for file in files} == {0o600}
    assert max(file.path.stat().st_size for file in files) < 10_000 + len(span(0))
    assert [segments.has_writer(file) for file in files] == [False] * (len(files) - 1) + [True]
    spool.close()
    assert not segments.has_writer(files[-1])


def test_threads_lose_nothing_while_files_change(tmp_path: Path) -> None:
    """Eight threads write over many files; every line arrives, once and whole."""
    program = """
import sys, threading
from pathlib import Path
from tachograph.deliver.spool import Spool
spool = Spool(Path(sys.argv[1]))
spool._segment_bytes = 20_000
def write(thread):
    for number in range(2_000):
        spool.write(b"%d %d\\n" % (thread, number))
threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "spool")], check=True, timeout=120)
    files = segments.listed(tmp_path / "spool")
    lines = [line for file in files for line in file.path.read_bytes().splitlines()]
    assert sorted(lines) == sorted(b"%d %d" % (thread, number) for thread in range(8) for number in range(2_000))
    assert len(files) >= 5


def test_at_the_limit_what_was_shipped_goes_first_then_the_oldest(tmp_path: Path) -> None:
    """What nobody has delivered is counted when it goes."""
    folder = tmp_path / "spool"
    files = [finished(folder, number, *map(span, range(30))) for number in range(1, 7)]
    shipped(folder, files[3])
    size = files[0].path.stat().st_size
    assert sweeping.sweep(folder, SpoolBounds(bytes=5 * size)) == {}
    assert [file.path.exists() for file in files] == [True, True, True, False, True, True]
    lost = sweeping.sweep(folder, SpoolBounds(bytes=3 * size))
    assert [file.path.exists() for file in files] == [False, False, True, False, True, True]
    assert lost == losses.totals(folder) == {("traces", "spool_full"): 60}


def test_what_a_process_delivered_itself_is_no_loss(tmp_path: Path) -> None:
    """Of the rest each signal is counted for itself."""
    folder = tmp_path / "spool"
    log = b'{"resourceLogs":[]}\n'
    segment = finished(folder, 1, span(1), span(2), log, span(3))
    segments.acknowledge(segment, [f"{number:016x}" for number in (1, 3)])
    assert sweeping.sweep(folder, SpoolBounds(bytes=1)) == {("traces", "spool_full"): 1, ("logs", "spool_full"): 1}
    assert not segment.path.exists()


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    """And is counted under a reason of its own."""
    folder = tmp_path / "spool"
    old, young = finished(folder, 1, span(1)), finished(folder, 2, span(2))
    os.utime(old.path, (time.time() - 86_400 * 31,) * 2)
    assert sweeping.sweep(folder, SpoolBounds()) == {("traces", "spool_expired"): 1}
    assert (old.path.exists(), young.path.exists()) == (False, True)


def test_the_number_of_files_is_bounded_too(tmp_path: Path) -> None:
    """A hundred thousand short commands make as many files."""
    folder = tmp_path / "spool"
    for number in range(1, 31):
        finished(folder, number + 100, span(number))
    sweeping.sweep(folder, SpoolBounds(files=10))
    assert [segment.path.name for segment in segments.listed(folder)] == [
        f"{number}-{number}-abcd.otlp.jsonl" for number in range(121, 131)
    ]


def test_a_file_that_is_written_stays(tmp_path: Path) -> None:
    """However old and large it is."""
    spool = Spool(tmp_path / "spool")
    for number in range(100):
        spool.write(span(number))
    assert spool.path
    os.utime(spool.path, (0, 0))
    assert sweeping.sweep(tmp_path / "spool", SpoolBounds(bytes=1)) == {}
    assert spool.path.exists()
    spool.close()


def test_a_process_that_writes_more_than_the_spool_may_hold_keeps_the_newest(tmp_path: Path) -> None:
    """It looks itself whenever a file is full, and counts what it removed."""
    spool = Spool(tmp_path / "spool", SMALL)
    for number in range(1_000):
        spool.write(span(number))
    kept = b"".join(file.path.read_bytes() for file in segments.listed(tmp_path / "spool")).splitlines(keepends=True)
    assert kept == [span(number) for number in range(1_000 - len(kept), 1_000)]
    assert sum(map(len, kept)) < 8_000 + 2 * 1_000
    assert spool.losses == losses.totals(tmp_path / "spool") == {("traces", "spool_full"): 1_000 - len(kept)}
    assert spool.dropped == 0
    spool.close()


def test_a_short_process_looks_only_now_and_then(tmp_path: Path) -> None:
    """When nobody has looked for ten minutes; the first process of a spool has nothing to look for."""
    folder = tmp_path / "spool"
    for number in range(1, 4):
        spool = Spool(folder, SpoolBounds(files=1))
        spool.write(span(number))
        spool.close()
    assert len(segments.listed(folder)) == 3
    stamp = segments.state_folder(folder) / "swept"
    os.utime(stamp, (time.time() - 700,) * 2)
    spool = Spool(folder, SpoolBounds(files=1))
    spool.write(span(4))
    assert [file.path for file in segments.listed(folder)] == [spool.path]
    spool.close()
    assert time.time() - stamp.stat().st_mtime < 600


def test_losses_of_writing_are_on_record_once_writing_works_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By signal; one warning for all of them."""
    blocker = tmp_path / "home"
    blocker.write_text("")
    spool = Spool(blocker / "spool")
    spool.write(span(1))
    spool.write(b'{"resourceLogs":[]}\n')
    blocker.unlink()
    spool.write(span(2))
    expected = {("traces", "spool_write_failed"): 1, ("logs", "spool_write_failed"): 1}
    assert spool.losses == losses.totals(blocker / "spool") == expected
    assert len(caplog.records) == 1
    spool.close()


def test_notes_are_private_and_apart_from_telemetry(tmp_path: Path) -> None:
    """The spool's folder holds segments only; notes about segments that are gone go, too."""
    folder = tmp_path / "home" / "spool"
    spool = Spool(folder)
    spool.acknowledges = True
    spool.write(span(1))
    spool.acknowledge(["0000000000000001"])
    assert spool.path
    note = Segment(spool.path).sent
    assert [path.name for path in folder.iterdir()] == [spool.path.name]
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE(note.parent.stat().st_mode) == 0o700
    spool.close()
    spool.path.unlink()
    os.utime(note, (0, 0))
    sweeping.sweep(folder, SpoolBounds())
    assert not note.exists()


def test_bounds_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a gigabyte and thirty days where nobody says otherwise; what is no number is told."""
    monkeypatch.chdir(tmp_path)
    assert settings.load().spool_bounds == SpoolBounds(bytes=512 * 2**20, age_s=30 * 86_400)
    monkeypatch.setenv("TACHOGRAPH_SPOOL_MAX_MB", "64")
    monkeypatch.setenv("TACHOGRAPH_SPOOL_MAX_DAYS", "a while")
    configured = settings.load()
    assert configured.spool_bounds == SpoolBounds(bytes=64 * 2**20, age_s=30 * 86_400)
    assert configured.problems == ["TACHOGRAPH_SPOOL_MAX_DAYS='a while' is not a number above 0; using 30"]


def test_only_an_exporter_to_a_collector_acknowledges() -> None:
    """What was printed to a console has not been delivered."""
    assert speaks_otlp(OTLPSpanExporter())
    assert not speaks_otlp(ConsoleSpanExporter())
