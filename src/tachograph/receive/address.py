"""Where the receiver listens: on loopback, unless it is told otherwise."""

import ipaddress
import socket
from typing import NamedTuple


class NotLoopback(ValueError):
    """An address that others can reach."""


class Address(NamedTuple):
    """An address as numbers, so that a name is looked up once only."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """As programs are told it."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can reach it."""
        return ipaddress.ip_address(self.host.partition("%")[0]).is_loopback


def resolved(host: str, port: int, *, allow_remote: bool) -> Address:
    """The first address of `host`; NotLoopback where others could reach it and may not, OSError where it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    address = Address(str(found[0][4][0]), port)
    if not (allow_remote or address.is_loopback):
        raise NotLoopback(address.host)
    return address
