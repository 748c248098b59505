"""Opening a store, and asking it: the only place that holds a database connection."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import unquote

import duckdb

from tachograph.store import statements
from tachograph.store.errors import StoreBroken, StoreBusy, StoreError, StoreMissing, UnknownStore

_STREAMED: Final = 10_000
_LITTLE: Final = "256MB"  # of a store of 2.5 million spans all that is judged is read with it, as fast
_HARDLY_ANY: Final = "16MB"

T = TypeVar("T")


class Store:
    """An open store; close it, or use it as a context manager. One process at a time may have it open for writing."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
        self.path, self.read_only = path, read_only
        self.connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Write everything into the store's one file and let go of it."""
        with private_files():
            self.connection.close()

    def query(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of queries/`name`.sql; FileNotFoundError for a name that has no file."""
        cursor = self.execute(name, **parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def stream(self, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The rows of queries/`name`.sql one after the other, for more of them than there is room for."""
        cursor = self.execute(name, **parameters)
        names = [column[0] for column in cursor.description or ()]
        while rows := cursor.fetchmany(_STREAMED):
            yield from (dict(zip(names, row, strict=True)) for row in rows)

    def execute(self, name: str, **parameters: Any) -> duckdb.DuckDBPyConnection:
        """Run queries/`name`.sql and leave its result with the connection."""
        return self.connection.execute(statements.query(name), parameters)

    def arrow(self, name: str, **parameters: Any) -> Any:
        """The rows of queries/`name`.sql as a `pyarrow.Table`."""
        return self.connection.sql(statements.query(name), params=parameters).to_arrow_table()

    def batches(self, name: str, **parameters: Any) -> Any:
        """The rows of queries/`name`.sql as a `pyarrow.RecordBatchReader`, for more of them than there is room for."""
        import pyarrow as pa  # reading figures needs none of it

        return pa.RecordBatchReader.from_stream(self.connection.sql(statements.query(name), params=parameters))

    def frugally(self, work: Callable[[], T]) -> T:
        """What `work` brings, with little memory where that is enough: what does not fit waits beside the store's file.
        Where it cannot, with as much as it takes."""
        self.connection.execute(f"SET memory_limit = '{_LITTLE}'")
        try:
            return work()
        except (duckdb.OutOfMemoryException, duckdb.IOException):
            pass
        finally:
            self._give_back()
        return work()

    def _give_back(self) -> None:
        """What is held for later questions, which would stay for as long as somebody judges what was read."""
        import pyarrow as pa

        with suppress(duckdb.OutOfMemoryException):  # something is still in use
            self.connection.execute(f"SET memory_limit = '{_HARDLY_ANY}'")
        self.connection.execute("RESET memory_limit")
        pa.default_memory_pool().release_unused()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside comes to stand, or nothing."""
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()


def open_store(url: str | Path, *, read_only: bool = False) -> Store:
    """The store at `url`, a path or duckdb:///path; made where it is missing and not to be read only.

    Raises StoreMissing, StoreBusy, StoreBroken or UnknownStore.
    """
    path = _path(url)
    if read_only and not path.exists():
        raise StoreMissing(f"there is no store at {path}; run `tachograph ingest` to make one")
    with private_files():
        if not read_only:
            _make_folder(path.parent)
        store = Store(_connect(path, read_only), path, read_only=read_only)
        try:
            _check_layout(store)
        except BaseException:
            store.close()
            raise
    return store


@contextmanager
def private_files() -> Iterator[None]:
    """Files made inside are for their owner only, those that the database makes beside its own included."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _path(url: str | Path) -> Path:
    if isinstance(url, Path):
        return url
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Path(url)
    if scheme != "duckdb":
        raise UnknownStore(f"{scheme}:// is no kind of store that tachograph knows; use a path or duckdb:///path")
    return Path(re.sub(r"^/([A-Za-z]:)", r"\1", unquote(rest)))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {folder}: {error.strerror}; choose another store") from error


def _connect(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(path, read_only=read_only)
    except duckdb.Error as error:
        raise _explained(path, str(error)) from error


def _explained(path: Path, message: str) -> StoreError:
    if "set lock on file" in message or "different configuration" in message:
        holder = re.search(r"PID (\d+)", message)
        who = f"process {holder[1]}" if holder else "another process"
        return StoreBusy(f"the store {path} is in use by {who}; wait until it is done, then try again")
    if "Permission denied" in message or "Is a directory" in message:
        return StoreError(f"cannot open the store {path}: {message.splitlines()[0]}; choose another store")
    return StoreBroken(f"{path} is no store that can be read ({message.splitlines()[0]}); move it away or name another")


def _check_layout(store: Store) -> None:
    try:
        tables = {row["table_name"] for row in store.query(statements.TABLE_NAMES)}
        if not tables and not store.read_only:
            _create(store)
        elif "schema_version" not in tables:
            raise StoreBroken(f"{store.path} is a database but no tachograph store; name another file")
        version = store.query(statements.READ_VERSION)[0]["version"]
    except duckdb.Error as error:
        raise _explained(store.path, str(error)) from error
    if version == statements.SCHEMA_VERSION:
        _make_views(store)
    else:
        older = version < statements.SCHEMA_VERSION
        raise StoreBroken(
            f"{store.path} has layout {version}, this tachograph writes {statements.SCHEMA_VERSION}; "
            f"{'move it away' if older else 'upgrade tachograph, or name another store'} and ingest again"
        )


def _create(store: Store) -> None:
    with store.transaction():
        for table in statements.TABLES:
            store.connection.execute(statements.table(table))
        store.execute(statements.WRITE_VERSION, version=statements.SCHEMA_VERSION)


def _make_views(store: Store) -> None:
    """Views follow the code, so a store that may be written gets those of this version."""
    if not store.read_only:
        for view in statements.VIEWS:
            store.connection.execute(statements.table(view))
