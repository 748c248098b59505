"""Parsing in processes of our own, which end when this one does; small inputs are parsed right here."""

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from types import TracebackType
from typing import IO, Final, Protocol, Self, TypeVar, cast

from tachograph.store.errors import ReaderLost
from tachograph.store.parsing import transfer
from tachograph.store.parsing.blocks import Block
from tachograph.store.parsing.parse import Parsed, parse

# Two keep one inserting process busy, and a third makes up for what a spare core can give.
_MOST_READERS: Final = 3
_SMALL_BYTES: Final = 8 << 20
_PIPE_BYTES: Final = 1 << 20
_PATIENCE_S: Final = 5.0


class HasBlock(Protocol):
    """Anything that carries a block to parse, or None."""

    @property
    def block(self) -> Block | None:
        """The block."""


Item = TypeVar("Item", bound=HasBlock)


def parsed(items: Iterable[Item]) -> Iterator[tuple[Item, Parsed | None]]:
    """Each item with what its block holds, in the order they come; processes are started for large inputs only."""
    coming, first, size = iter(items), list[Item](), 0
    for item in coming:
        first.append(item)
        size += len(item.block.data) if item.block else 0
        if size >= _SMALL_BYTES:
            break
    else:
        yield from ((item, parse(item.block) if item.block else None) for item in first)
        return
    with _Readers(_reader_count()) as readers:
        yield from readers.parsed(chain(first, coming))


def _reader_count() -> int:
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, _MOST_READERS)


class _Readers:
    """A fixed number of reader processes, each served by a thread that waits for it."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._all: list[_Reader] = []
        self._idle: queue.SimpleQueue[_Reader] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="tachograph-reader")

    def __enter__(self) -> Self:
        for _ in range(self._count):
            reader = _Reader()
            self._all.append(reader)
            self._idle.put(reader)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._threads.shutdown(wait=error is None, cancel_futures=True)
        for reader in self._all:
            reader.close()

    def parsed(self, items: Iterable[Item]) -> Iterator[tuple[Item, Parsed | None]]:
        """Like the function of that name; a few blocks are under way at a time, so that memory stays bounded."""
        under_way: deque[tuple[Item, Future[Parsed] | None]] = deque()
        for item in items:
            under_way.append((item, self._threads.submit(self._parse, item.block) if item.block else None))
            if len(under_way) > 2 * self._count:
                yield _finished(*under_way.popleft())
        while under_way:
            yield _finished(*under_way.popleft())

    def _parse(self, block: Block) -> Parsed:
        reader = self._idle.get()
        try:
            return reader.parse(block)
        finally:
            self._idle.put(reader)


def _finished(item: Item, future: Future[Parsed] | None) -> tuple[Item, Parsed | None]:
    return item, future.result() if future else None


class _Reader:
    """One process that parses the blocks on its standard input and ends with it, however this process ends."""

    def __init__(self) -> None:
        # -P: what lies in the current folder must not stand in for a module of ours.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tachograph.store.parsing.reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pipesize=_PIPE_BYTES,
        )
        self._input, self._output = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def parse(self, block: Block) -> Parsed:
        """What the block holds; ReaderLost where the process is gone."""
        try:
            transfer.send_block(self._input, block)
            return transfer.receive_parsed(self._output)
        except (OSError, EOFError) as error:
            raise ReaderLost(
                f"a process that parses telemetry ended (status {self._process.poll()}); "
                "run the same command again, nothing is lost or stored twice"
            ) from error

    def close(self) -> None:
        """Let the process end; one that does not is killed."""
        # Closing writes out what is buffered, and waits where the process is busy: not here.
        threading.Thread(target=self._close_input, daemon=True).start()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def _close_input(self) -> None:
        # A process that is gone does not take what is left for it, and needs no end either.
        with suppress(BrokenPipeError):
            self._input.close()
