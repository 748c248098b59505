"""Opening a store: what may stand at its path, who may have it open, and who may read its file."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from telemetry import agent, line, read, rows, write

from tachograph.store import (
    Store,
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreMissing,
    UnknownStore,
    ingest,
    open_store,
    statements,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_store_and_folder_are_for_their_owner_only(tmp_path: Path) -> None:
    """Also the log that the database keeps beside its file while it is open."""
    path = tmp_path / "new" / "folder" / "store.db"
    before = os.umask(0o022)
    try:
        with open_store(path) as store:
            read(store, tmp_path / "s.jsonl", line(agent(1)))
            assert {mode(file) for file in path.parent.iterdir()} == {0o600}
        assert mode(path) == 0o600
        assert mode(path.parent) == 0o700
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_urls(tmp_path: Path) -> None:
    """A path as text, a Path and duckdb:/// mean the same; other schemes are not known."""
    path = tmp_path / "a store.db"
    open_store(path).close()
    for url in (str(path), path, f"duckdb://{path}", f"duckdb://{path}".replace(" ", "%20")):
        with open_store(url, read_only=True) as store:
            assert store.read_only
    with pytest.raises(UnknownStore, match="clickhouse:// is no kind of store that tachograph knows"):
        open_store("clickhouse://host/db")


def test_a_missing_store_cannot_be_read(tmp_path: Path) -> None:
    """And is not made by the attempt."""
    with pytest.raises(StoreMissing, match="run `tachograph ingest` to make one"):
        open_store(tmp_path / "none.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_store_opened_to_be_read_takes_nothing_in(tmp_path: Path) -> None:
    """With an error of ours, not one of the database."""
    open_store(tmp_path / "s.db").close()
    with open_store(tmp_path / "s.db", read_only=True) as store, pytest.raises(StoreError, match="read only"):
        ingest(store, [tmp_path])


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("content", [b"", b"text, and no database\n" * 400, b"\0" * 9_000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes, read_only: bool) -> None:
    """Is left as it is."""
    path = write(tmp_path / "x.db", content)
    with pytest.raises(StoreBroken, match=r"x\.db") as raised:
        open_store(path, read_only=read_only)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_of_others(tmp_path: Path, read_only: bool) -> None:
    """Is no store, even though it could be opened."""
    path = tmp_path / "theirs.db"
    with duckdb.connect(path) as theirs:
        theirs.execute("CREATE TABLE t (x INTEGER)")
    with pytest.raises(StoreBroken, match="no tachograph store"):
        open_store(path, read_only=read_only)


def test_a_newer_layout(tmp_path: Path) -> None:
    """Is not touched by an older version."""
    path = tmp_path / "s.db"
    with open_store(path) as store:
        store.connection.execute("UPDATE schema_version SET version = 99")
    with pytest.raises(StoreBroken, match=r"has layout 99.*upgrade tachograph"):
        open_store(path)


def test_an_older_layout(tmp_path: Path) -> None:
    """Is refused in a line that says what to do; the spool and the files still hold what it was made from."""
    path = tmp_path / "s.db"
    with open_store(path) as store:
        store.connection.execute("UPDATE schema_version SET version = 1")
    with pytest.raises(StoreBroken, match=r"has layout 1, .*move it away and ingest again"):
        open_store(path, read_only=True)


HOLD = """
import sys
from tachograph.store import open_store
with open_store(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("read_only", [True, False])
def test_a_store_that_another_process_writes(tmp_path: Path, read_only: bool) -> None:
    """Is busy, for readers too; the error names the process, and afterwards it opens."""
    path = tmp_path / "s.db"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(StoreBusy, match=f"in use by process {holder.pid}; wait until it is done"):
            open_store(path, read_only=read_only)
        holder.communicate()
    open_store(path, read_only=read_only).close()


def test_a_store_is_readable_after_its_writer_was_killed(tmp_path: Path) -> None:
    """What was committed is there, also to a reader that may not write."""
    path, file = tmp_path / "s.db", write(tmp_path / "s.jsonl", line(agent(1)))
    script = (
        "import os, sys; from pathlib import Path; from tachograph.store import ingest, open_store\n"
        "ingest(open_store(sys.argv[1]), [Path(sys.argv[2])]); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path), str(file)], check=False)
    with open_store(path, read_only=True) as store:
        assert rows(store, "SELECT count(*) FROM executions") == [(1,)]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Is told in one line."""
    write(tmp_path / "file", b"")
    with pytest.raises(StoreError, match="choose another store"):
        open_store(tmp_path / "file" / "s.db")


def test_query_answers_by_name(store: Store) -> None:
    """Rows are dicts; a name without a file is a mistake of the caller."""
    assert store.query(statements.READ_VERSION) == [{"version": statements.SCHEMA_VERSION}]
    with pytest.raises(FileNotFoundError):
        store.query("no_such_query")


def test_answering_a_question_loads_no_heavy_library(tmp_path: Path) -> None:
    """What only ingest needs costs nothing when a store is opened to be read."""
    path = tmp_path / "s.db"
    open_store(path).close()
    script = (
        "import sys\nfrom tachograph.store import open_store, read_trace\n"
        f"with open_store({str(path)!r}, read_only=True) as store: store.query('read_version')\n"
        "print(*{'numpy', 'pyarrow', 'msgspec', 'multiprocessing', 'zstandard', 'subprocess'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == ""
