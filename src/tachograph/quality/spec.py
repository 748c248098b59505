"""What was asked for, read from a specification: items of a checklist, with the functions and files that they name."""

import builtins
import json
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>.+)$")
_QUOTED = re.compile(r"`([^`]+)`")
_CALL = re.compile(r"\b([A-Za-z_][\w.]*)\(\)?")
_FILE = re.compile(r"(?<![\w/.])((?:[\w.-]+/)*[\w-]+\.[a-z]{1,5})(?![\w/(])")
_SNAKE = re.compile(r"(?<![\w.])([a-z]\w*_\w+)(?![\w/.])")
_NAME = re.compile(r"^[A-Za-z_][\w.]*(?:\(.*\))?$")
_NO_NAMES = frozenset({*dir(builtins), *keyword.kwlist})
_SUFFIXES = re.compile(r"\.(py|pyi|md|rst|txt|toml|ya?ml|json|cfg|ini|sql|html|css|js|ts|sh|csv)$")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was asked for, in its words, with the names of functions or classes and the files in it."""

    text: str
    line: int
    names: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """Everything that was asked for."""

    items: tuple[Item, ...]

    @classmethod
    def read(cls, file: Path) -> "Spec":
        """The items of a file: the list items of a text, or `functions`, `files` and `checklist` of a JSON object.

        Raises OSError, and ValueError with one line where it is no text.
        """
        text = file.read_bytes().decode("utf-8")  # UnicodeDecodeError is a ValueError
        if file.suffix == ".json":
            return cls(tuple(_of_json(json.loads(text))))
        return cls(tuple(_of_text(text)))

    @property
    def named(self) -> list[Item]:
        """Items that can be looked for, as they name something."""
        return [item for item in self.items if item.names or item.files]


def _of_json(asked: Any) -> Iterator[Item]:
    if not isinstance(asked, dict):
        raise ValueError("a specification in JSON is an object with functions, files or checklist")
    for name in asked.get("functions", ()):
        yield Item(str(name), 0, names=(_bare(str(name)),))
    for path in asked.get("files", ()):
        yield Item(str(path), 0, files=(str(path),))
    for text in asked.get("checklist", ()):
        yield _item(str(text), 0)


def _of_text(text: str) -> Iterator[Item]:
    """List items; of a text without any, each line that names something."""
    lines = list(enumerate(text.splitlines(), 1))
    items = [_item(match["text"], number) for number, line in lines if (match := _ITEM.match(line))]
    if items:
        yield from items
        return
    found = (_item(line, number) for number, line in lines)
    yield from (item for item in found if item.names or item.files)


def _item(text: str, line: int) -> Item:
    quoted = _QUOTED.findall(text)
    plain = _QUOTED.sub(" ", text)
    files = [it for it in (*quoted, *_FILE.findall(plain)) if _is_file(it)]
    names = [_bare(it) for it in quoted if _NAME.match(it) and not _is_file(it)]
    names += [_bare(it) for it in (*_CALL.findall(plain), *_SNAKE.findall(_FILE.sub(" ", plain)))]
    wanted = [name for name in names if name not in _NO_NAMES]
    return Item(text.strip(), line, tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(files)))


def _bare(name: str) -> str:
    return name.partition("(")[0].strip().strip(".")


def _is_file(text: str) -> bool:
    return " " not in text and bool(_SUFFIXES.search(text))
