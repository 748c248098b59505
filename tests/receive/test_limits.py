"""The limits of the receiver, with small ones: who is slow, who brings too much, and a disk that is full."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from telemetry import call, line

from tachograph.deliver.spool import Spool
from tachograph.receive.keeping import Keeper
from tachograph.receive.limits import Limits
from tachograph.receive.server import Server

HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def served(folder: Path, limits: Limits, use: Callable[[int], Awaitable[None]]) -> None:
    """Run `use` with the port of a real server in this process that has these limits."""

    async def run() -> None:
        spool = Spool(folder)
        server = Server(Keeper(spool, limits), limits)
        listener = await asyncio.start_server(server.connected, "127.0.0.1", 0)
        await use(listener.sockets[0].getsockname()[1])
        listener.close()
        await server.stop()
        spool.close()

    asyncio.run(run())


async def said(port: int, *pieces: bytes) -> bytes:
    """Everything that is answered to `pieces` until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
    answer = await reader.read()
    writer.close()
    return answer


def test_a_slow_request_is_ended(tmp_path: Path) -> None:
    """A request that does not come to its end in time is answered 408, and its connection is closed."""

    async def use(port: int) -> None:
        assert (await said(port, HEAD % 100, b"{")).startswith(b"HTTP/1.1 408")
        assert (await said(port, HEAD[:30])).startswith(b"HTTP/1.1 408")

    served(tmp_path, Limits(request_s=0.05), use)


def test_a_silent_connection_is_closed(tmp_path: Path) -> None:
    """Without any request a connection is closed, and nothing is said on it."""

    async def use(port: int) -> None:
        assert await said(port) == b""

    served(tmp_path, Limits(idle_s=0.05), use)


def test_connections_are_counted(tmp_path: Path) -> None:
    """Where there are as many as there may be, a further one is told when to come again."""

    async def use(port: int) -> None:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        first.write(HEAD % 100)
        await first.drain()
        answer = await said(port)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 2" in answer.lower()
        first.close()

    served(tmp_path, Limits(connections=1), use)


def test_bodies_together_are_bounded(tmp_path: Path) -> None:
    """A body that would be too much beside the others is told when to come again; the next one is taken."""

    async def use(port: int) -> None:
        body = line(call(1))
        answer = await said(port, HEAD % 2000, b"x" * 2000)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"retry-after" in answer.lower()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD % len(body) + body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()

    served(tmp_path, Limits(bodies=1000), use)


def test_a_body_without_length_is_bounded(tmp_path: Path) -> None:
    """A chunked body is cut off where it grows too large."""
    head = (
        b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    async def use(port: int) -> None:
        assert (await said(port, head, b"800\r\n", b"x" * 0x800)).startswith(b"HTTP/1.1 413")

    served(tmp_path, Limits(body=1000), use)


def test_what_cannot_be_written_is_sent_again(tmp_path: Path) -> None:
    """Where the spool cannot be written the sender is told to try again."""
    folder = tmp_path / "spool"
    folder.write_text("in the way")

    async def use(port: int) -> None:
        body = line(call(1))
        answer = await said(port, HEAD % len(body), body)
        assert answer.startswith(b"HTTP/1.1 503")

    served(folder, Limits(), use)


def test_half_closed_after_a_whole_request(tmp_path: Path) -> None:
    """A client that has said all and closed its side still gets its answer."""

    async def use(port: int) -> None:
        body = line(call(1))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD % len(body) + body)
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()

    served(tmp_path, Limits(), use)
