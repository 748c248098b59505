"""How far each file was read before: what decides whether it is skipped, read on or read anew."""

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tachograph.store import statements
from tachograph.store.database import Store
from tachograph.store.parsing import sources
from tachograph.store.parsing.sources import Opened, Source

_FINGERPRINT_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table `ledger`."""

    path: str
    inode: int
    compressed: bool
    end_offset: int
    size: int
    mtime_ns: int
    fingerprint: str
    lines: int
    spans: int

    @classmethod
    def start(cls, source: Source, file: Opened) -> "Entry":
        """The entry of a file of which nothing is read."""
        nothing = fingerprint(file.raw, 0)
        return cls(source.key, file.inode, file.compressed, 0, file.size, file.mtime_ns, nothing, 0, 0)

    def advanced(self, raw: io.BufferedReader, size: int, lines: int) -> "Entry":
        """The entry after `size` more bytes with `lines` line ends."""
        offset = self.end_offset + size
        return replace(self, end_offset=offset, lines=self.lines + lines, fingerprint=fingerprint(raw, offset))

    def continues(self, file: Opened) -> bool:
        """Whether the file still begins with what was read of it: true of one that grew, not of one replaced."""
        if self.inode != file.inode or self.compressed != file.compressed or self.end_offset > file.size:
            return False
        if self.compressed and (self.size, self.mtime_ns) != (file.size, file.mtime_ns):
            return False
        return self.fingerprint == fingerprint(file.raw, self.end_offset)


def fingerprint(raw: io.BufferedReader, offset: int) -> str:
    """A hash of the first and the last bytes before `offset`; leaves the file where it stands."""
    position, size = raw.tell(), min(offset, _FINGERPRINT_BYTES)
    digest = hashlib.blake2b(offset.to_bytes(8, "big"), digest_size=16)
    for start in (0, offset - size):
        raw.seek(start)
        digest.update(raw.read(size))
    raw.seek(position)
    return digest.hexdigest()


def entries(store: Store) -> dict[str, Entry]:
    """All entries by path."""
    return {row["path"]: Entry(**row) for row in store.query(statements.READ_LEDGER)}


def record(store: Store, entry: Entry) -> None:
    """Put an entry in the place of what was known of its path."""
    store.execute(statements.FORGET_FILE, path=entry.path)
    store.execute(statements.RECORD_FILE, **_fields(entry))


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def unread(store: Store, folder: str | Path) -> int:
    """How many telemetry files under `folder` have bytes that the ledger has not seen; 0 for a missing folder."""
    known = entries(store)
    return sum(_has_news(path, known.get(str(path.resolve()))) for path in sources.files_below(Path(folder)))


def _has_news(path: Path, entry: Entry | None) -> bool:
    try:
        status = path.stat()
    except FileNotFoundError:  # removed since it was listed
        return False
    if entry is None:
        return status.st_size > 0
    # A line that was cut off when it was read has been seen, though it will be read again.
    return (status.st_size, status.st_ino) != (entry.size, entry.inode)
