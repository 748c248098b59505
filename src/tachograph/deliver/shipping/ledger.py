"""How far each segment of a spool was delivered, signal by signal; noted right after each batch was acknowledged."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tachograph.deliver import segments
from tachograph.deliver.segments import SIGNALS


@dataclass(slots=True)
class Progress:
    """Of one segment: bytes that are done with, by signal, and how many spans and log records were delivered."""

    offsets: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIGNALS, 0))
    delivered: int = 0

    def covers(self, size: int) -> bool:
        """Whether nothing of the first `size` bytes is left."""
        return all(offset >= size for offset in self.offsets.values())


class Ledger:
    """Lines of JSON, of which the last one about a segment holds. One that a kill cut off is passed over."""

    def __init__(self, folder: Path, entries: dict[str, Progress], lines: int) -> None:
        self._folder = folder
        self._entries = entries
        self._lines = lines

    @classmethod
    def read(cls, folder: Path) -> "Ledger":
        """The ledger of the spool in `folder`, empty where there is none."""
        entries: dict[str, Progress] = {}
        try:
            lines = _file(folder).read_bytes().splitlines()
        except FileNotFoundError:
            lines = []
        for line in lines:
            if parsed := _parse(line):
                entries[parsed[0]] = parsed[1]
        return cls(folder, entries, len(lines))

    def of(self, name: str) -> Progress:
        """Progress of the segment of that name."""
        return self._entries.get(name) or Progress()

    def advance(self, reached: Mapping[str, Progress]) -> None:
        """Note how far segments have come, for good."""
        self._entries.update(reached)
        text = "".join(_line(name, progress) for name, progress in reached.items())
        if text:  # it begins on a line of its own, whatever was cut off before
            segments.append(_file(self._folder), b"\n" + text.encode())

    def compact(self, existing: Iterable[str]) -> None:
        """Forget segments that are gone, and all but the last line about each."""
        kept = {name: self._entries[name] for name in existing if name in self._entries}
        if self._lines <= 2 * len(kept) + 16:
            return
        following = _file(self._folder).with_suffix(".new")
        following.unlink(missing_ok=True)
        segments.append(following, "".join(_line(name, progress) for name, progress in kept.items()).encode())
        following.replace(_file(self._folder))
        self._entries = kept


def _file(folder: Path) -> Path:
    return segments.state_folder(folder) / "shipped"


def _line(name: str, progress: Progress) -> str:
    return json.dumps({"segment": name, "delivered": progress.delivered, **progress.offsets}) + "\n"


def _parse(line: bytes) -> tuple[str, Progress] | None:
    try:
        entry = json.loads(line)
        offsets = {signal: int(entry[signal]) for signal in SIGNALS}
        return str(entry["segment"]), Progress(offsets, int(entry["delivered"]))
    except (ValueError, KeyError, TypeError):
        return None
