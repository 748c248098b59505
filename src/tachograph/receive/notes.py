"""The note by which others find a receiver that runs."""

import http.client
import json
import os
from pathlib import Path
from typing import Final

from tachograph.receive.address import Address

HELLO: Final = b"tachograph receive\n"  # what the receiver says to GET /

_ASKED_S: Final = 2.0


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


def write(note: Path, address: Address) -> None:
    """Say where this process receives."""
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    note.write_text(json.dumps({"host": address.host, "port": address.port, "pid": os.getpid()}), encoding="utf-8")


def forget(note: Path) -> None:
    """Say no longer that this process receives."""
    try:
        if json.loads(note.read_text(encoding="utf-8"))["pid"] == os.getpid():
            note.unlink()
    except (OSError, ValueError, KeyError, TypeError):  # another receiver has written its own over it
        return
