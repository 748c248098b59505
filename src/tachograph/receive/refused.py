"""A request that is not taken, and how that is said over HTTP."""

from http import HTTPStatus


class Refused(Exception):
    """Why a request is not taken; `closes` where the rest of it is not worth reading."""

    def __init__(self, status: HTTPStatus, message: str, *, closes: bool = False, retry_after_s: int = 0) -> None:
        super().__init__(message)
        self.status, self.closes, self.retry_after_s = status, closes, retry_after_s


def malformed(why: str) -> Refused:
    """What was sent cannot be read, and could not be read a second time."""
    return Refused(HTTPStatus.BAD_REQUEST, why)


def too_large(limit: int) -> Refused:
    """More than a request may hold; the sender should send smaller ones."""
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request may hold {limit} bytes at most", closes=True)


def busy(why: str, seconds: int) -> Refused:
    """Not now; the sender may try again after some seconds."""
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, why, closes=True, retry_after_s=seconds)
