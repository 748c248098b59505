"""The receiver from start to stop, and the note by which others find one that runs."""

import asyncio
import http.client
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from tachograph.receive.address import Address
from tachograph.receive.server import HELLO, Server

_ASKED_S: Final = 2.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def run(server: Server, address: Address, note: Path, listening: Callable[[Address], None]) -> None:
    """Receive until SIGINT or SIGTERM comes. OSError where the address cannot be had.

    `listening` is told the address with the port that it has come to be, and `note` holds it meanwhile.
    """
    asyncio.run(_run(server, address, note, listening))


async def _run(server: Server, address: Address, note: Path, listening: Callable[[Address], None]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopped.set)

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        listener = await asyncio.start_server(server.connected, address.host, address.port)
        try:
            bound = Address(address.host, listener.sockets[0].getsockname()[1])
            _write_note(note, bound)
            listening(bound)
            await stopped.wait()
        finally:
            listener.close()
            await server.stop()
            _forget(note)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def found(note: Path) -> str | None:
    """The URL of the receiver that runs and writes into this home, None where none does."""
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
        address = Address(str(said["host"]), int(said["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    connection = http.client.HTTPConnection(address.host, address.port, timeout=_ASKED_S)
    try:
        connection.request("GET", "/")
        return address.url if connection.getresponse().read(len(HELLO)) == HELLO else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _write_note(note: Path, address: Address) -> None:
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    note.write_text(json.dumps({"host": address.host, "port": address.port, "pid": os.getpid()}), encoding="utf-8")


def _forget(note: Path) -> None:
    try:
        if json.loads(note.read_text(encoding="utf-8"))["pid"] == os.getpid():
            note.unlink()
    except (OSError, ValueError, KeyError, TypeError):  # another receiver has written its own over it
        return
