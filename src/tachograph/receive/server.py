"""OTLP over HTTP/1.1 on asyncio: few connections, bounded bodies, nobody waited for longer than the limits say."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from typing import Final

import h11

from tachograph.receive import answers, unpacking
from tachograph.receive.answers import Answer
from tachograph.receive.keeping import Keeper
from tachograph.receive.limits import Limits
from tachograph.receive.notes import HELLO
from tachograph.receive.refused import Refused, busy, malformed, too_large
from tachograph.receive.signals import SIGNALS, Signal

_CHUNK: Final = 65_536
_GRACE_S: Final = 5.0  # for requests that are there when the receiver is stopped


class Server:
    """Answers requests with a `Keeper`; `told` is called after each request that was kept."""

    def __init__(self, keeper: Keeper, limits: Limits, told: Callable[[], None] = lambda: None) -> None:
        self._keeper, self._limits, self._told = keeper, limits, told
        self._held = 0  # bytes of all bodies
        self._stopping = False
        self._connections: dict[asyncio.Task[None], Connection] = {}
        # One at a time: taken apart, a request takes many times its size.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keeper")

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end; for `asyncio.start_server`."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (start_server runs this in one)
        connection = Connection(reader, writer, self._limits)
        try:
            if len(self._connections) >= self._limits.connections:
                await connection.send(_refusal(busy("too many connections", self._limits.retry_after_s)))
                return
            self._connections[task] = connection
            await self._serve(connection)
        # A client that is gone, is too slow or speaks no HTTP costs its own connection only.
        except (OSError, TimeoutError, h11.ProtocolError):
            pass
        finally:
            self._connections.pop(task, None)
            await connection.close()

    async def stop(self) -> None:
        """End connections that wait for a request, give the others some seconds, and keep what they brought."""
        self._stopping = True
        for connection in self._connections.values():
            if connection.is_idle:
                connection.abort()
        if self._connections:
            await asyncio.wait(list(self._connections), timeout=_GRACE_S)
        for connection in self._connections.values():
            connection.abort()
        if self._connections:
            await asyncio.wait(list(self._connections), timeout=_GRACE_S)
        self._worker.shutdown()

    async def _serve(self, connection: "Connection") -> None:
        while not self._stopping:
            try:
                request = await connection.request()
            except h11.RemoteProtocolError as error:
                await connection.refuse(Refused(_status(error), f"this is no HTTP: {error}", closes=True))
                return
            except TimeoutError:
                if not connection.is_idle:
                    await connection.refuse(_too_slow())
                return
            if request is None:
                return
            answer = await self._answered(connection, request)
            await connection.send(answer)
            if answer.closes or not connection.goes_on():
                return

    async def _answered(self, connection: "Connection", request: h11.Request) -> Answer:
        told = _headers(request)
        content_type = told.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if request.method == b"GET" and request.target == b"/":
                return Answer(HTTPStatus.OK, "text/plain", HELLO, closes=True)
            signal = _signal(request, told, content_type)
            encoding = told.get("content-encoding", "").strip().lower()
            unpacking.check(encoding)
            return await self._kept(connection, signal, encoding, content_type, told.get("content-length"))
        except Refused as refusal:
            return answers.refused(refusal, content_type)
        except h11.RemoteProtocolError as error:
            return answers.refused(Refused(_status(error), f"this is no HTTP: {error}", closes=True), content_type)
        except TimeoutError:
            return answers.refused(_too_slow(), content_type)

    async def _kept(
        self, connection: "Connection", signal: Signal, encoding: str, content_type: str, length: str | None
    ) -> Answer:
        if length and int(length) > self._limits.body:
            raise too_large(self._limits.body)
        body = bytearray()
        try:
            async for piece in connection.body():
                self._held += len(piece)
                body += piece
                if len(body) > self._limits.body:
                    raise too_large(self._limits.body)
                if self._held > self._limits.bodies:
                    raise busy("too many requests at once", self._limits.retry_after_s)
            loop = asyncio.get_running_loop()
            whole = bytes(body)
            answer = await loop.run_in_executor(self._worker, self._keeper.keep, signal, whole, encoding, content_type)
        finally:
            self._held -= len(body)
        self._told()
        return answer


class Connection:
    """HTTP on one connection, with the times that the limits give it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> None:
        self._reader, self._writer, self._limits = reader, writer, limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.headers)
        self._deadline = 0.0
        self._has_begun = False  # a request, of which at least one byte is there

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way."""
        return not self._has_begun

    async def request(self) -> h11.Request | None:
        """The next request up to its body, None where the client has no further one."""
        self._deadline = _now() + self._limits.idle_s
        event = await self._event()
        return event if isinstance(event, h11.Request) else None

    async def body(self) -> AsyncIterator[bytes]:
        """The pieces of the request's body, as they come."""
        if self._http.they_are_waiting_for_100_continue:
            await self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)
        if not isinstance(event, h11.EndOfMessage):
            raise malformed("the request was not sent to its end")

    async def refuse(self, refusal: Refused) -> None:
        """Say why what came was no request."""
        await self.send(answers.refused(refusal, answers.JSON))

    async def send(self, answer: Answer) -> None:
        """Send a response, where one can still be sent; a client that is refused may finish its sentence first."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        headers = [("content-type", answer.content_type), ("content-length", str(len(answer.body)))]
        if answer.retry_after_s:
            headers.append(("retry-after", str(answer.retry_after_s)))
        if answer.closes:
            headers.append(("connection", "close"))
        response = h11.Response(status_code=int(answer.status), headers=headers)
        self._deadline = _now() + self._limits.request_s
        said = (response, h11.Data(data=answer.body), h11.EndOfMessage())
        await self._write(b"".join(self._http.send(event) or b"" for event in said))
        if answer.closes:
            await self._drain()

    def goes_on(self) -> bool:
        """Whether another request may follow on this connection."""
        # What is left of a body that nobody read would be taken for the next request.
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        self._has_begun = bool(self._http.trailing_data[0])
        return True

    def abort(self) -> None:
        """End it now."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """End it; what was sent is still delivered."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), self._limits.drain_s)

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            async with asyncio.timeout_at(self._deadline):
                data = await self._reader.read(_CHUNK)
            if data and not self._has_begun:
                self._has_begun = True
                self._deadline = _now() + self._limits.request_s
            self._http.receive_data(data)
        return event

    async def _write(self, data: bytes | None) -> None:
        self._writer.write(data or b"")
        async with asyncio.timeout_at(self._deadline):
            await self._writer.drain()

    async def _drain(self) -> None:
        """Read on for a moment: to close while something is unread would take the response from the client."""
        with suppress(TimeoutError, OSError):
            if self._writer.can_write_eof():
                self._writer.write_eof()
            async with asyncio.timeout(self._limits.drain_s):
                while await self._reader.read(_CHUNK):
                    pass


def _signal(request: h11.Request, told: dict[str, str], content_type: str) -> Signal:
    """What kind of telemetry it brings; Refused where the request is none of the protocol."""
    signal = SIGNALS.get(request.target.decode("latin-1").partition("?")[0])
    if signal is None:
        raise Refused(HTTPStatus.NOT_FOUND, f"telemetry goes to {', '.join(SIGNALS)}", closes=True)
    if request.method != b"POST":
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "telemetry is sent with POST", closes=True)
    if "origin" in told:  # a page of any site could otherwise write here through the browser of whoever runs this
        raise Refused(HTTPStatus.FORBIDDEN, "web pages may not send here", closes=True)
    if content_type not in (answers.JSON, answers.PROTOBUF):
        kinds = f"{answers.PROTOBUF} or {answers.JSON}"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Type is {kinds}", closes=True)
    return signal


def _headers(request: h11.Request) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}


def _refusal(refusal: Refused) -> Answer:
    return answers.refused(refusal, answers.JSON)


def _too_slow() -> Refused:
    return Refused(HTTPStatus.REQUEST_TIMEOUT, "the request came too slowly", closes=True)


def _status(error: h11.RemoteProtocolError) -> HTTPStatus:
    return HTTPStatus(error.error_status_hint)


def _now() -> float:
    return asyncio.get_running_loop().time()
