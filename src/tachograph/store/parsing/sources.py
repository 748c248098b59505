"""Where telemetry is read from: files, folders of them and standard input, plain or compressed."""

import gzip
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from tachograph.store.errors import PathUnreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN: Final = "-"
_SUFFIXES: Final = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".json")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a stream that cannot be read twice; `label` is what the user calls it."""

    label: str
    path: Path | None
    size: int
    listed: bool = False  # found in a folder, and not named by the user

    @property
    def key(self) -> str:
        """The name that stands for it in the store."""
        return str(self.path) if self.path else self.label


@dataclass(frozen=True, slots=True)
class Opened:
    """An open source: `raw` as it is on disk, `stream` as it reads, the same object where nothing is compressed."""

    raw: io.BufferedReader
    stream: io.BufferedIOBase
    size: int
    inode: int
    mtime_ns: int

    @property
    def compressed(self) -> bool:
        """Whether positions in the stream are others than those on disk."""
        return self.stream is not self.raw


def find(paths: Sequence[Path | Literal["-"]]) -> list[Source]:
    """The sources that `paths` name, each once, folders opened out; PathUnreadable where one is not there."""
    found: dict[str, Source] = {}
    for path in paths:
        for source in [Source(STDIN, None, 0)] if path == STDIN else _below(Path(path)):
            found.setdefault(source.key, source)
    return list(found.values())


def files_below(folder: Path) -> list[Path]:
    """The telemetry files in a folder and the folders below it, sorted."""
    return sorted(path for path in folder.rglob("*") if path.name.endswith(_SUFFIXES) and path.is_file())


def _below(path: Path) -> Iterator[Source]:
    with _readable(path):
        if not path.is_dir():
            # A pipe or a device cannot be read twice, so the ledger has nothing to say about it.
            kept = path.resolve() if path.is_file() else None
            yield Source(str(path), kept, path.stat().st_size)
            return
        files = files_below(path)
    for file in files:
        with _readable(file), suppress(FileNotFoundError):  # a spool that is held within its bounds loses files
            yield Source(str(file), file.resolve(), file.stat().st_size, listed=True)


@contextmanager
def opened(source: Source) -> Iterator[Opened]:
    """The source, read from its start; PathUnreadable where that is refused."""
    if source.label == STDIN:
        raw = _standard_input()
        yield Opened(raw, _reading(raw), 0, 0, 0)
        return
    with _readable(source.label):
        raw = _open(source)
    with raw:
        status = os.fstat(raw.fileno())
        yield Opened(raw, _reading(raw), status.st_size, status.st_ino, status.st_mtime_ns)


def _open(source: Source) -> io.BufferedReader:
    """The file; one that was removed after it was found in a folder has nothing more to say."""
    try:
        return (source.path or Path(source.label)).open("rb")
    except FileNotFoundError:
        if not source.listed:
            raise
        return Path(os.devnull).open("rb")


def _standard_input() -> io.BufferedReader:
    binary: Any = sys.stdin.buffer
    return binary if isinstance(binary, io.BufferedReader) else io.BufferedReader(binary)


def _reading(raw: io.BufferedReader) -> io.BufferedIOBase:
    """What the first bytes say counts, not the name."""
    head = raw.peek(4)
    if head.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)
    return io.BufferedReader(_Zstd(raw)) if head.startswith(_ZSTD) else raw


class _Zstd(io.RawIOBase):
    """A zstd stream whose errors are OSError, as those of gzip are."""

    def __init__(self, raw: io.BufferedReader) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._stream = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True, closefd=False)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        try:
            return self._stream.readinto(buffer)
        except self._error as error:
            raise OSError(error) from error


@contextmanager
def _readable(path: Path | str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise PathUnreadable(f"{path}: no such file or folder; name one that is there") from error
    except OSError as error:
        raise PathUnreadable(f"{path}: cannot be read ({error.strerror or error}); check its permissions") from error
