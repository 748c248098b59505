"""Posts a message to a webhook, again where that may help, for a bounded time; never tells its address."""

import base64
import http.client
import random
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import tachograph
from tachograph.deliver.shipping.post import retry_after

_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_ATTEMPT_S: Final = 10.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 8.0


class WrongAddress(ValueError):
    """What was named is no address of a webhook; the message does not repeat it, for it may hold a secret."""


class NotPosted(Exception):
    """The message did not arrive; the text says why in one line, with no more of the address than its host."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address to post to. Printing it shows the host only."""

    host: str
    url: str
    authorization: str | None = None

    def __repr__(self) -> str:
        return f"Webhook({self.host})"

    @property
    def is_slack(self) -> bool:
        """Whether Slack listens there."""
        return self.host.split(":")[0] in ("hooks.slack.com", "hooks.slack-gov.com")


def webhook(address: str) -> Webhook:
    """The webhook at an address of http or https; WrongAddress for anything else."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), None
    if parts.scheme not in ("http", "https") or not host or any(char <= " " for char in address.strip()):
        raise WrongAddress("the address to post to is no http:// or https:// URL")
    bare = parts.netloc.rpartition("@")[2]
    who = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    token = f"Basic {base64.b64encode(who.encode()).decode()}" if who else None
    return Webhook(bare.lower(), urlunsplit((parts.scheme, bare, parts.path or "/", parts.query, "")), token)


def post(to: Webhook, body: str, patience_s: float = 30.0) -> None:
    """Post JSON; tries again, as late as the receiver asks, for at most `patience_s` altogether. Raises NotPosted."""
    deadline, wait = time.monotonic() + patience_s, _FIRST_WAIT_S
    while True:
        left = deadline - time.monotonic()
        reason, asked = _attempt(to, body.encode(), max(0.1, min(_ATTEMPT_S, left)))
        if reason is None:
            return
        pause = max(asked, wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads callers, keeps no secret
        if time.monotonic() + pause > deadline:
            asks = f" and asks to wait {asked:.0f} s" if asked > wait else ""
            raise NotPosted(f"{reason}{asks}; gave up after {patience_s:g} s")
        time.sleep(pause)
        wait = min(2 * wait, _LONGEST_WAIT_S)


def _attempt(to: Webhook, body: bytes, seconds: float) -> tuple[str | None, float]:
    """None where it was taken, else why not and how long the receiver asks to wait; NotPosted where it never will."""
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"tachograph/{tachograph.__version__}"}
    if to.authorization:
        headers["Authorization"] = to.authorization
    try:
        with _opener.open(Request(to.url, body, headers), timeout=seconds):  # noqa: S310 - http or https: see webhook()
            return None, 0
    except HTTPError as answer:
        with answer:
            said = f"{to.host} answers {answer.code}"
            if answer.code not in _AGAIN:
                raise NotPosted(f"{said}; check the address and what it expects") from None
            return said, retry_after(answer.headers.get("Retry-After"))
    except (OSError, http.client.HTTPException) as error:
        return f"{to.host} cannot be reached ({_cause(error)})", 0


def _cause(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    return str(getattr(reason, "strerror", None) or type(reason).__name__)


class _NoRedirect(HTTPRedirectHandler):
    """A redirected POST would arrive as an empty GET, perhaps elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = build_opener(_NoRedirect)
