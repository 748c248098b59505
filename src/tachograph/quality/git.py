"""What a git repository says of the code before: read only, and without running anything that the repository asks for.

The repository may have been written by a model. Its configuration can name programs (a file system monitor, filters, a
remote helper), so no command is used that would start them: blobs are read as they are, and trees are compared outside.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "safe.directory=*",
    "core.quotePath=false",
    "protocol.allow=never",
)
_SAFE = tuple(word for setting in _SETTINGS for word in ("-c", setting))
_QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
_NOWHERE = {"GIT_DIR": os.devnull}
_SECONDS = 60
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_REGULAR = ("100644", "100755")


class NoBase(Exception):
    """The code before cannot be had; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """What became of one file: its path before (None where it is new), the lines that were added, how many went."""

    path: str
    before: str | None
    added: frozenset[int] = frozenset()
    removed: int = 0
    binary: bool = False


def listed(folder: Path) -> set[str]:
    """The files below a folder that versions are kept of or may be: not what is ignored."""
    output = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    return {os.fsdecode(name) for name in output.split(b"\0") if name}


def write_tree(folder: Path, ref: str, into: Path) -> str:
    """Write the files below `folder` as they were at `ref`; the full name of that commit."""
    commit = _commit(folder, ref)
    prefix = _git(folder, "rev-parse", "--show-prefix").decode(errors="replace").strip()
    tree = _git(folder, "ls-tree", "-r", "-z", "--full-tree", f"{commit}:{prefix}")
    entries = [entry for entry in map(_entry, filter(None, tree.split(b"\0"))) if entry]
    wanted = "".join(f"{blob}\n" for _, blob in entries).encode()
    for (path, _), content in zip(entries, _blobs(_git(folder, "cat-file", "--batch", given=wanted)), strict=True):
        _write(into, path, content)
    return commit


def compare(before: Path, after: Path) -> list[FileChange]:
    """What differs between two folders, file by file; renamed files are followed."""
    options = ("--no-index", "--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--unified=0")
    names = (f"--src-prefix={_BEFORE}", f"--dst-prefix={_AFTER}")
    # Relative to a folder of its own: what stands in the names is then known.
    root = Path(os.path.commonpath([before, after]))
    old, new = (os.fspath(it.relative_to(root)) for it in (before, after))
    output = _git(root, "diff", *options, *names, "--", old, new, allowed=(0, 1), env=_NOWHERE)
    return [change for part in _parts(output) if (change := _change(part, f"{_BEFORE}{old}/", f"{_AFTER}{new}/"))]


def substance(before: Path, after: Path) -> float | None:
    """The share of added lines (0-1) that differ in more than white space; None where none were added."""
    every, real = (_added(before, after, *options) for options in ((), ("-w", "--ignore-blank-lines")))
    return min(1.0, real / every) if every else None


def _added(before: Path, after: Path, *options: str) -> int:
    root = Path(os.path.commonpath([before, after]))
    names = (os.fspath(it.relative_to(root)) for it in (before, after))
    command = ("diff", "--no-index", "--no-ext-diff", "--no-textconv", "--numstat", *options, "--", *names)
    counts = [line.split(b"\t")[0] for line in _git(root, *command, allowed=(0, 1), env=_NOWHERE).splitlines()]
    return sum(int(count) for count in counts if count.isdigit())


_BEFORE, _AFTER = "before:", "after:"


def _commit(folder: Path, ref: str) -> str:
    try:
        return (
            _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
        )
    except NoBase:
        _git(folder, "rev-parse", "--git-dir")  # says if there is no repository at all
        raise NoBase(f"git knows no commit {ref!r} in {folder}") from None


def _git(
    folder: Path,
    *arguments: str,
    given: bytes | None = None,
    allowed: tuple[int, ...] = (0,),
    env: Mapping[str, str] = {},
) -> bytes:
    # What a hook of git has set for its own repository would lead to that one.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *_SAFE, *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, input=given, env={**inherited, **_QUIET, **env}, capture_output=True, check=False,
            timeout=_SECONDS, stdin=None if given is not None else subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        raise NoBase("git is not installed, so there is no version before; install it or leave --base out") from None
    except subprocess.TimeoutExpired:
        raise NoBase(f"git {arguments[0]} took more than {_SECONDS} s in {folder}") from None
    if done.returncode not in allowed:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"git {arguments[0]} failed"]
        raise NoBase(f"{folder}: {said[0].removeprefix('fatal: ')}")
    return done.stdout


def _entry(line: bytes) -> tuple[str, str] | None:
    """Path and blob of one line of `ls-tree`; None for links and submodules, which are no work of an agent."""
    about, _, path = line.partition(b"\t")
    mode, kind, blob = about.decode().split()
    return (os.fsdecode(path), blob) if kind == "blob" and mode in _REGULAR else None


def _blobs(output: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(output):
        end = output.index(b"\n", at)
        header = output[at:end].decode().split()
        if len(header) != 3:
            raise NoBase(f"an object of the version before is missing: {' '.join(header)}")
        size = int(header[2])
        yield output[end + 1 : end + 1 + size]
        at = end + size + 2


def _write(into: Path, path: str, content: bytes) -> None:
    file = into / path
    if not file.resolve().is_relative_to(into.resolve()):
        raise NoBase(f"the version before has a file outside its folder: {path!r}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _parts(output: bytes) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    for line in output.split(b"\n"):
        if line.startswith(b"diff --git "):
            if part:
                yield part
            part = []
        part.append(line)
    if part and part[0].startswith(b"diff --git "):
        yield part


def _change(part: list[bytes], old: str, new: str) -> FileChange | None:
    facts = _facts(part)
    before, after = facts.get("from"), facts.get("to")
    if after is None and before is None:
        return None
    added: set[int] = set()
    removed = 0
    for hunk in filter(None, map(_HUNK.match, part)):
        gone, start, came = hunk.groups(default=b"1")
        removed += int(gone)
        added.update(range(int(start), int(start) + int(came)))
    path = after.removeprefix(new) if after else str(before).removeprefix(old)
    return FileChange(
        path, before.removeprefix(old) if before else None, frozenset(added), removed, "binary" in facts
    )  # fmt: skip


def _facts(part: list[bytes]) -> dict[str, str]:
    """Paths before and after, without the one of a file that was added or deleted."""
    facts: dict[str, str] = {}
    for line in part[1:]:
        if line.startswith(b"@@"):
            break
        word, _, rest = line.partition(b" ")
        if word == b"---" and rest != b"/dev/null":
            facts["from"] = _name(rest)
        elif word == b"+++" and rest != b"/dev/null":
            facts["to"] = _name(rest)
        else:
            facts |= _of_other_lines(part[0], line)
    return facts


def _of_other_lines(header: bytes, line: bytes) -> dict[str, str]:
    """What a file without lines is known by: it was renamed, is binary, or empty."""
    if line.startswith(b"rename from "):
        return {"from": _BEFORE + _name(line[12:])}
    if line.startswith(b"rename to "):
        return {"to": _AFTER + _name(line[10:])}
    if line.startswith(b"Binary files "):
        return {"binary": "", **_binary(line[7:])}
    return _of_header(header, line) if line.startswith((b"new file", b"deleted file")) else {}


def _of_header(header: bytes, line: bytes) -> dict[str, str]:
    """An empty file has no lines that would name it."""
    names = header.removeprefix(b"diff --git ")
    half = names[: (len(names) - 1) // 2] if not names.startswith(b'"') else b""
    after = names.partition(b" " + _AFTER.encode())[2]
    if line.startswith(b"new file"):
        return {"to": _AFTER + os.fsdecode(after)} if after else {}
    return {"from": os.fsdecode(half)} if half.startswith(_BEFORE.encode()) else {}


def _binary(rest: bytes) -> dict[str, str]:
    """The names in `Binary files A and B differ`."""
    old, _, new = rest.removeprefix(b"files ").removesuffix(b" differ").partition(b" and ")
    return {key: _name(name) for key, name in (("from", old), ("to", new)) if name != b"/dev/null"}


def _name(text: bytes) -> str:
    """A path as git writes it: in quotation marks with octal escapes where it is unusual."""
    text = text.rstrip(b"\t\r")
    if text.startswith(b'"'):
        text = text[1:-1].decode("unicode_escape").encode("latin-1")
    return os.fsdecode(text)
