"""Who runs this, without saying who: salted hashes of the operating system's user and of the terminal or CI run."""

import os

try:
    from _blake2 import blake2b  # what hashlib gives out, without loading OpenSSL
except ImportError:
    from hashlib import blake2b

from tachograph import environment
from tachograph import vocabulary as v
from tachograph.liveness import started

_SALT_FILE = "salt"


def identity(home: str | os.PathLike[str], ci_run: str | None) -> dict[str, str]:
    """`user.id` and `session.id`, 16 hex digits each; empty where no salt can be kept, for a hash that
    changed with each process would make every run a new user."""
    try:
        salt = _salt(os.fspath(home))
    except OSError:
        return {}
    return {v.USER_ID: _hashed(salt, _user()), v.SESSION_ID: _hashed(salt, ci_run or _terminal())}


def salt(home: str | os.PathLike[str]) -> bytes | None:
    """What makes hashes of this installation not guessable; None where it cannot be kept."""
    try:
        return _salt(os.fspath(home))
    except OSError:
        return None


def _salt(home: str) -> bytes:
    """The salt of this installation, made once; of two processes that make it at the same time one wins."""
    file = os.path.join(home, _SALT_FILE)
    try:
        return _read(file)
    except FileNotFoundError:
        os.makedirs(home, mode=0o700, exist_ok=True)
        fresh = f"{file}.{os.getpid()}.{os.urandom(4).hex()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(os.urandom(32))
        return _publish(fresh, file)


def _publish(fresh: str, file: str) -> bytes:
    try:
        os.link(fresh, file)
        os.unlink(fresh)
    except FileExistsError:
        os.unlink(fresh)
    except OSError:  # a file system without hard links
        os.replace(fresh, file)
    return _read(file)


def _read(file: str) -> bytes:
    with open(file, "rb") as stream:
        return stream.read()


def _user() -> str:
    return environment.user_name() or (str(os.getuid()) if hasattr(os, "getuid") else "")


def _terminal() -> str:
    """One value for all processes of a terminal: its session leader and when that started."""
    if not hasattr(os, "getsid"):
        return str(os.getppid())
    leader = os.getsid(0)
    return f"{leader}:{started(leader)}"


def _hashed(salt: bytes, text: str) -> str:
    return blake2b(text.encode(), key=salt[:64], digest_size=8).hexdigest()
