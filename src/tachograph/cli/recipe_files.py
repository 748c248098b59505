"""The recipes of a project as files, found where --recipes or the settings say."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tachograph import settings
from tachograph.cli.common import WRONG_USE, Refusal

if TYPE_CHECKING:  # who only asks whether a file has changed loads nothing that reads recipes
    from tachograph.recommend import RecipeFile

_SUFFIXES = (".yaml", ".yml")


class Text(NamedTuple):
    """What stands in a file; `path` is relative to `folder`."""

    path: str
    text: str
    folder: str


def recipe_files(texts: Sequence[Text]) -> "list[RecipeFile]":
    """The recipes among the files."""
    from tachograph.recommend import parsed

    return [found for found in (parsed(*text) for text in texts) if found is not None]


def recipe_texts(named: Sequence[Path]) -> list[Text]:
    """The YAML files under the folders or files that were named, else under those of the project's settings."""
    missing = [place for place in named if not place.exists()]
    if missing:
        raise Refusal(f"--recipes {missing[0]}: there is no such file or folder", WRONG_USE)
    configured = settings.load()
    places = list(named) or [place for place in configured.recipes if place.exists()]
    root = (Path() if named else configured.project).resolve()
    return [text for place in places for text in _below(place, root)]


def _below(place: Path, root: Path) -> Iterator[Text]:
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if path.suffix in _SUFFIXES and path.is_file():
            made = _read(path.resolve(), root if path.resolve().is_relative_to(root) else place.resolve())
            if made is not None:
                yield made


def _read(path: Path, root: Path) -> Text | None:
    """A file that cannot be read as text is no recipe."""
    folder = root if root.is_dir() else root.parent
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    return Text(path.relative_to(folder).as_posix(), text, settings.without_user_home(str(folder)))
