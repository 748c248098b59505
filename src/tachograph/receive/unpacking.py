"""A body as it was before it was compressed, which may not grow beyond bounds."""

import zlib
from http import HTTPStatus
from typing import Final

from tachograph.receive.refused import Refused, malformed, too_large

_GZIP: Final = 31  # the window size that makes zlib read gzip only
_IDENTITY: Final = ("", "identity")


def check(encoding: str) -> None:
    """Refused for an encoding other than gzip and none."""
    if encoding not in (*_IDENTITY, "gzip"):
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is gzip, or there is none")


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body of at most `limit` bytes; nothing beyond them is ever unpacked. Refused where it is no gzip."""
    if encoding in _IDENTITY:
        return body
    made = bytearray()
    while body:  # gzip files may follow each other
        stream = zlib.decompressobj(_GZIP)
        try:
            made += stream.decompress(body, limit + 1 - len(made))
        except zlib.error as error:
            raise malformed(f"the body is no gzip: {error}") from None
        if len(made) > limit:
            raise too_large(limit)
        if not stream.eof:
            raise malformed("the body is gzip that was cut off")
        body = stream.unused_data
    return bytes(made)
