"""Who runs this, without saying who: salted hashes of the operating system's user and of the terminal or CI run."""

import getpass
import hashlib
import os
import secrets
from pathlib import Path

from tachograph import vocabulary as v

_SALT_FILE = "salt"


def identity(home: Path, ci_run: str | None) -> dict[str, str]:
    """`user.id` and `session.id`, 16 hex digits each; empty where no salt can be kept, for a hash that
    changed with each process would make every run a new user."""
    try:
        salt = _salt(home)
    except OSError:
        return {}
    return {v.USER_ID: _hashed(salt, _user()), v.SESSION_ID: _hashed(salt, ci_run or _terminal())}


def salt(home: Path) -> bytes | None:
    """What makes hashes of this installation not guessable; None where it cannot be kept."""
    try:
        return _salt(home)
    except OSError:
        return None


def _salt(home: Path) -> bytes:
    """The salt of this installation, made once; of two processes that make it at the same time one wins."""
    file = home / _SALT_FILE
    try:
        return file.read_bytes()
    except FileNotFoundError:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = home / f"{_SALT_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(32))
        return _publish(fresh, file)


def _publish(fresh: Path, file: Path) -> bytes:
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        fresh.replace(file)
    fresh.unlink(missing_ok=True)
    return file.read_bytes()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _terminal() -> str:
    """One value for all processes of a terminal: its session leader and when that started."""
    if not hasattr(os, "getsid"):
        return str(os.getppid())
    leader = os.getsid(0)
    try:
        # Field 22 is the start time; the name in parentheses before may hold blanks.
        started = Path(f"/proc/{leader}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        started = ""
    return f"{leader}:{started}"


def _hashed(salt: bytes, text: str) -> str:
    return hashlib.blake2b(text.encode(), key=salt[:64], digest_size=8).hexdigest()
