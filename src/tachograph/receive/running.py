"""The receiver from start to stop."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from tachograph.receive import notes
from tachograph.receive.address import Address
from tachograph.receive.server import Server

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
            notes.write(note, bound)
            listening(bound)
            await stopped.wait()
        finally:
            listener.close()
            await server.stop()
            notes.forget(note)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
