"""The recipes of a project as files, found where --recipes or the settings say."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tachograph import settings
from tachograph.cli.common import WRONG_USE, Refusal
from tachograph.recommend import RecipeFile, parsed

_SUFFIXES = (".yaml", ".yml")


def recipe_files(named: Sequence[Path]) -> list[RecipeFile]:
    """The recipes under the folders or files that were named, else under those of the project's settings."""
    missing = [place for place in named if not place.exists()]
    if missing:
        raise Refusal(f"--recipes {missing[0]}: there is no such file or folder", WRONG_USE)
    configured = settings.load()
    places = list(named) or [place for place in configured.recipes if place.exists()]
    root = (Path() if named else configured.project).resolve()
    return [file for place in places for file in _below(place, root)]


def _below(place: Path, root: Path) -> Iterator[RecipeFile]:
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if path.suffix in _SUFFIXES and path.is_file():
            made = _read(path.resolve(), root if path.resolve().is_relative_to(root) else place.resolve())
            if made is not None:
                yield made


def _read(path: Path, root: Path) -> RecipeFile | None:
    """A file that cannot be read as text is no recipe."""
    folder = root if root.is_dir() else root.parent
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    return parsed(path.relative_to(folder).as_posix(), text, settings.without_user_home(str(folder)))
