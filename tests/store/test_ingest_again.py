"""Reading again adds nothing, reading on loses nothing: whatever happened to files or process in between."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from telemetry import agent, call, execution, hex_id, line, read, rows, span, write

from tachograph.store import Store, ingest, open_store, unread
from tachograph.store.errors import PathUnreadable
from tachograph.store.parsing import sources
from tachograph.store.parsing.sources import Source


def stored(store: Store) -> int:
    ((count, different),) = rows(store, "SELECT count(*), count(DISTINCT trace_id || span_id) FROM spans")
    assert count == different
    return int(count)


def test_a_second_run_adds_nothing(store: Store, file: Path) -> None:
    """It reports what the ledger lets it skip as duplicates, without reading the file."""
    first = read(store, file, line(agent(1), call(2, parent=1)), line(span(3)))
    assert (first.spans, first.executions, first.duplicates) == (3, 1, 0)
    again = ingest(store, [file])
    assert (again.spans, again.executions, again.duplicates, again.rejected) == (0, 0, 3, 0)
    assert len(rows(store, "SELECT * FROM ledger")) == 1


def test_a_grown_file_is_read_on(store: Store, file: Path) -> None:
    """From the recorded end: what stands before it is not parsed again."""
    read(store, file, line(span(1)))
    with file.open("ab") as stream:
        stream.write(line(span(2)) + b"oops\n")
    grown = ingest(store, [file])
    assert (grown.spans, grown.duplicates, grown.rejected) == (1, 1, 1)
    assert grown.reasons[0].startswith(f"{file}:3: ")
    assert (ingest(store, [file]).duplicates, stored(store)) == (2, 2)


@pytest.mark.parametrize("in_place", [True, False])
def test_a_replaced_file_is_read_anew(store: Store, file: Path, in_place: bool) -> None:
    """Whether it was written over or moved over, larger or smaller."""
    read(store, file, line(span(1)), line(span(2)))
    for content in (line(span(3)) + line(span(4)) + line(span(5)), line(span(6))):
        fresh = file if in_place else file.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.replace(file)
        result = ingest(store, [file])
        assert (result.spans, result.duplicates) == (content.count(b"\n"), 0)
    assert stored(store) == 6


def test_a_file_cut_back_is_read_anew(store: Store, file: Path) -> None:
    """Its spans are met again and counted as duplicates."""
    read(store, file, line(span(1)), line(span(2)))
    write(file, line(span(1)))
    result = ingest(store, [file])
    assert (result.spans, result.duplicates) == (0, 1)


def test_spans_are_stored_once_across_files(store: Store, tmp_path: Path) -> None:
    """By trace and span id: also within a line, and also where the second copy tells another time."""
    one = write(tmp_path / "one.jsonl", line(span(1), span(2), span(1)), line(span(2)))
    two = write(tmp_path / "two.jsonl", line(span(1, start=5_000, end=9_000), span(3)), line(span(1, trace="ab" * 16)))
    first = ingest(store, [one])
    assert (first.spans, first.duplicates) == (2, 2)
    second = ingest(store, [two])
    assert (second.spans, second.duplicates) == (2, 1)
    assert stored(store) == 4
    both = ingest(store, [one, two, one])
    assert (both.spans, both.duplicates) == (0, 7)


def test_the_first_of_two_copies_in_one_run_counts(store: Store, file: Path) -> None:
    """Which is what the other spans of its time knew."""
    read(store, file, line(span(1, name="first"), span(2)), line(span(1, name="second", start=500)))
    assert rows(store, f"SELECT name FROM spans WHERE span_id = '{hex_id(1)}'") == [("first",)]


def test_a_folder_is_read_with_all_below_it(store: Store, tmp_path: Path) -> None:
    """Files of the known suffixes in the order of their names, each once however it is named."""
    folder = tmp_path / "spool"
    (folder / "deep" / "er").mkdir(parents=True)
    for number, name in enumerate(("b.jsonl", "a.json", "deep/er/c.jsonl", "note.txt"), 1):
        write(folder / name, line(span(number)))
    assert unread(store, folder) == 3
    assert ingest(store, [folder, folder / "a.json"]).spans == 3
    assert unread(store, folder) == 0
    with (folder / "b.jsonl").open("ab") as stream:
        stream.write(line(span(9)))
    assert unread(store, folder) == 1
    assert unread(store, tmp_path / "nowhere") == 0


def test_progress_ends_at_the_total(store: Store, tmp_path: Path) -> None:
    """It never goes back, counts skipped and half-read files as done, and compressed ones as on disk."""
    files = [write(tmp_path / f"{name}.jsonl", *(line(span(n)) for n in range(1, 400))) for name in "ab"]
    total = sum(file.stat().st_size for file in files)
    for _ in range(2):
        told: list[tuple[int, ...]] = []
        ingest(store, files, progress=lambda *now, told=told: told.append(now))
        assert told == sorted(told)
        assert told[-1] == (total, total)


def large(file: Path, lines: int) -> int:
    """More than is read in one process; returns how many spans."""
    padding = {"padding": "x" * 700}
    with file.open("wb") as stream:
        for number in range(lines):
            first = number * 20 + 1
            spans = [agent(first), *(call(n, parent=first, facts=padding) for n in range(first + 1, first + 20))]
            stream.write(line(*(made | {"traceId": f"{number + 1:032x}"} for made in spans)))
    return lines * 20


def test_large_files_are_read_by_several_processes(store: Store, file: Path) -> None:
    """With the same result, line numbers included, and nothing left running."""
    count = large(file, 1_200)
    with file.open("ab") as stream:
        stream.write(b"oops\n")
    result = ingest(store, [file])
    assert (result.spans, result.executions, result.rejected) == (count, 1_200, 1)
    assert result.reasons[0].startswith(f"{file}:1201: ")
    assert rows(store, "SELECT sum(input_tokens), count(*) FROM executions") == [(19 * 100 * 1_200, 1_200)]
    assert ingest(store, [file]).duplicates == count


def test_a_copy_of_a_large_file_adds_nothing(store: Store, file: Path) -> None:
    """Although all of it has to be read to know."""
    count = large(file, 1_200)
    ingest(store, [file])
    copy = write(file.with_name("copy.jsonl"), file.read_bytes())
    result = ingest(store, [copy])
    assert (result.spans, result.duplicates, stored(store)) == (0, count, count)


INGEST = """
import sys
from pathlib import Path
import tachograph.store.writer as writer
from tachograph.store import ingest, open_store
writer._ROWS = 5_000
with open_store(sys.argv[1]) as store:
    ingest(store, [Path(sys.argv[2])], progress=lambda done, total: print(done, flush=True))
"""


def children(process: int) -> set[int]:
    tasks = Path(f"/proc/{process}/task")
    return {int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()}


def is_running(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for what still runs")
@pytest.mark.parametrize("progress", [1, 4, 8])
def test_killed_in_the_middle_nothing_is_lost_or_doubled(tmp_path: Path, progress: int) -> None:
    """kill -9 after some progress: the reading processes end too, and the next run brings the rest."""
    file, path = tmp_path / "large.jsonl", tmp_path / "killed.db"
    count = large(file, 4_000)
    process = subprocess.Popen([sys.executable, "-c", INGEST, str(path), str(file)], stdout=subprocess.PIPE)
    assert process.stdout
    for _ in range(progress):
        process.stdout.readline()
    readers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert readers
    deadline = time.monotonic() + 20
    while any(map(is_running, readers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, readers))
    with open_store(path) as store:
        before = stored(store)
        result = ingest(store, [file])
        assert (before + result.spans, stored(store)) == (count, count)
        assert result.duplicates == before
        assert rows(store, "SELECT count(*), sum(input_tokens) FROM executions") == [(4_000, 4_000 * 1_900)]
        assert rows(store, "SELECT count(*) FROM unsettled") == [(0,)]


def test_traces_left_unsettled_are_settled_by_the_next_run(
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a process ends between storing spans and computing executions."""
    with monkeypatch.context() as patched:
        patched.setattr("tachograph.store.pipeline.settle", lambda store, book: None)
        read(store, file, line(agent(1), call(2, parent=1)))
    assert rows(store, "SELECT count(*) FROM executions") == [(0,)]
    assert ingest(store, [file]).spans == 0
    assert execution(store, 1)["input_tokens"] == 100


def test_a_failure_in_a_transaction_leaves_nothing_half_done(
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spans and ledger come to stand together or not at all."""
    with monkeypatch.context() as patched:
        patched.setattr("tachograph.store.ledger.record", lambda store, entry: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            read(store, file, line(span(1)))
    assert stored(store) == 0
    assert ingest(store, [file]).spans == 1


def test_a_reader_that_dies_is_told(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what to do, instead of waiting for it for ever."""
    from tachograph.store import ReaderLost

    large(file, 1_200)
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 7\n")
    broken.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr("sys.executable", os.fspath(broken))
        with pytest.raises(ReaderLost, match="ended"):
            ingest(store, [file])
    assert ingest(store, [file]).spans == 24_000


def test_a_file_that_goes_while_a_folder_is_read_is_passed_over(store: Store, tmp_path: Path) -> None:
    """A spool that is held within its bounds loses files at any moment; a file that was named has to be there."""
    folder = tmp_path / "spool"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.jsonl").write_bytes(line(span(number)))
    (gone, _) = sources.find([folder])
    assert gone.path
    gone.path.unlink()
    with sources.opened(gone) as file:
        assert file.stream.read() == b""
    with pytest.raises(PathUnreadable), sources.opened(Source(str(gone.path), gone.path, 0)):
        pass
    assert ingest(store, [folder]).spans == 1
