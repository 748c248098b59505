"""A model on loopback that speaks OpenAI's protocols: it replays recorded answers, and notes what it was asked.

Which answer is given is decided by the request alone, so agents may ask in any order and at the same time: once there
is a tool's result it is `answer`, before that the recording that the user names as in `@measure`; `@503` is a status.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from support import serving

ANSWERS = Path(__file__).with_name("answers")


@dataclass(frozen=True)
class Asked:
    """A request as the model saw it: when (ns), what it answered with, and the tokens it counted."""

    start: int
    end: int
    status: int
    recording: str
    is_streamed: bool
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass
class ModelServer:
    """What a running server was asked, in the order in which it was done with it."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def tokens(self) -> dict[str, int]:
        """Tokens of all answers, as `tachograph agents` tells them: each once, in disjoint kinds."""
        cached = sum(one.cached_tokens for one in self.asked)
        return {
            "input": sum(one.input_tokens for one in self.asked) - cached,
            "cache_read": cached,
            "output": sum(one.output_tokens for one in self.asked),
        }


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """A model that is served for as long as the block lasts."""
    holder: list[ModelServer] = []

    class Handler(_Handler):
        server_state = holder

    with serving(Handler) as server:
        holder.append(ModelServer(f"http://127.0.0.1:{server.server_address[1]}/v1"))
        yield holder[0]


class _Handler(BaseHTTPRequestHandler):
    server_state: list[ModelServer]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        start = time.time_ns()
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_chat = self.path.endswith("/chat/completions")
        recording = _recording(_said(request["messages"] if is_chat else request["input"]), request)
        # The clock stops before the last byte is out: what follows is the reader's time.
        if recording.isdecimal():
            self._note(Asked(start, time.time_ns(), int(recording), recording, bool(request.get("stream"))))
            self._send(json.dumps({"error": {"message": "recorded failure", "type": "server_error"}}), int(recording))
            return
        answer = _answer(recording, request)
        body = _chat(answer) if is_chat else _response(answer)
        used = (answer["input_tokens"], answer["output_tokens"], answer["cached_tokens"])
        self._note(Asked(start, time.time_ns(), 200, recording, bool(request.get("stream")), *used))
        if request.get("stream"):
            events = _chat_events(body, request) if is_chat else _response_events(body)
            self._send("".join(events), 200, "text/event-stream")
        else:
            self._send(json.dumps(body), 200)

    def _note(self, asked: Asked) -> None:
        state = self.server_state[0]
        with state.lock:
            state.asked.append(asked)

    def _send(self, text: str, status: int, kind: str = "application/json") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


def _said(messages: Any) -> list[tuple[str, str]]:
    """Each message as role and text, of either protocol."""
    if isinstance(messages, str):
        return [("user", messages)]
    return [(_role(message), _text(message.get("content") or message.get("output") or "")) for message in messages]


def _role(message: dict[str, Any]) -> str:
    kind = {"function_call_output": "tool", "function_call": "assistant"}.get(message.get("type", ""))
    return kind or str(message.get("role", "assistant"))


def _text(content: Any) -> str:
    return content if isinstance(content, str) else " ".join(str(part.get("text", "")) for part in content)


def _recording(said: list[tuple[str, str]], request: dict[str, Any]) -> str:
    if any(role == "tool" or "Observation:" in text for role, text in said if role != "system"):
        return "answer"
    named = re.findall(r"@(\w+)", " ".join(text for _, text in said))
    return str(named[-1]) if named and (named[-1].isdecimal() or _can_be_called(named[-1], request)) else "answer"


def _can_be_called(recording: str, request: dict[str, Any]) -> bool:
    """Whether the agent that asks has the tools that the recording calls: another may have quoted the one that has."""
    has = {tool.get("name") or tool["function"]["name"] for tool in request.get("tools") or []}
    return {call["name"] for call in json.loads((ANSWERS / f"{recording}.json").read_text())["tool_calls"]} <= has


def _answer(recording: str, request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((ANSWERS / f"{recording}.json").read_text())
    return {**answer, "model": request["model"]}


def _chat(answer: dict[str, Any]) -> dict[str, Any]:
    calls = [
        {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
        for call in answer.get("tool_calls", [])
    ]
    message = {"role": "assistant", "content": answer.get("text"), **({"tool_calls": calls} if calls else {})}
    return {
        "id": f"chatcmpl-{time.time_ns()}",
        "object": "chat.completion",
        "created": 1763860000,
        "model": answer["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}],
        "usage": {
            "prompt_tokens": answer["input_tokens"],
            "completion_tokens": answer["output_tokens"],
            "total_tokens": answer["input_tokens"] + answer["output_tokens"],
            "prompt_tokens_details": {"cached_tokens": answer["cached_tokens"]},
        },
    }


def _chat_events(body: dict[str, Any], request: dict[str, Any]) -> Iterator[str]:
    choice = body["choices"][0]
    message = choice["message"]
    calls = [{"index": index, **call} for index, call in enumerate(message.get("tool_calls", []))]
    frame = {**body, "object": "chat.completion.chunk", "usage": None}
    first = {"role": "assistant", "content": message["content"], **({"tool_calls": calls} if calls else {})}
    yield _event({**frame, "choices": [{"index": 0, "delta": first, "finish_reason": None}]})
    yield _event({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    if (request.get("stream_options") or {}).get("include_usage"):
        yield _event({**frame, "choices": [], "usage": body["usage"]})
    yield "data: [DONE]\n\n"


def _response(answer: dict[str, Any]) -> dict[str, Any]:
    calls = [
        {
            "type": "function_call",
            "id": f"fc_{call['id']}",
            "call_id": call["id"],
            "name": call["name"],
            "arguments": call["arguments"],
            "status": "completed",
        }
        for call in answer.get("tool_calls", [])
    ]
    text = {"type": "output_text", "text": answer.get("text") or "", "annotations": [], "logprobs": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
    return {
        "id": f"resp_{time.time_ns()}",
        "object": "response",
        "created_at": 1763860000,
        "model": answer["model"],
        "status": "completed",
        "output": calls or [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": answer["input_tokens"],
            "input_tokens_details": {"cached_tokens": answer["cached_tokens"], "cache_write_tokens": 0},
            "output_tokens": answer["output_tokens"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer["input_tokens"] + answer["output_tokens"],
        },
    }


def _response_events(body: dict[str, Any]) -> Iterator[str]:
    begun = {**body, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    for index, item in enumerate(body["output"]):
        events.append({"type": "response.output_item.added", "output_index": index, "item": item})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": body})
    for number, event in enumerate(events):
        yield f"event: {event['type']}\n{_event({**event, 'sequence_number': number})}"


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"
