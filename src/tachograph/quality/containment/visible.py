"""What a contained program sees of the machine: the system's programs, and the Python that tachograph runs on."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tachograph.quality.containment.results import NotContained

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")

# What programs need to start and to know the local time. The rest of /etc is nobody's business.
SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/mime.types",
)


def system() -> tuple[list[Path], list[tuple[str, Path]]]:
    """The folders and files of the system to show, and its links (`/bin`) as (text, place)."""
    present = [Path(path) for path in (*SYSTEM, *SETTINGS) if os.path.lexists(path)]
    links = [(os.fspath(path.readlink()), path) for path in present if path.is_symlink() and path.parent == Path("/")]
    places = {place for _, place in links}
    return [path for path in present if path not in places], links


def of_python() -> list[Path]:
    """Where the running interpreter, its library and its virtual environment are."""
    return [Path(sys.base_prefix), Path(sys.base_exec_prefix), Path(sys.prefix), *_hops(Path(sys.executable))]


def _hops(path: Path) -> Iterator[Path]:
    """The links over which `path` is found, and the file itself: a link is of no use where the next one is missing."""
    seen: set[Path] = set()
    while path not in seen:
        seen.add(path)
        yield path
        if path.is_symlink():
            path = Path(os.path.normpath(path.parent / path.readlink()))


def shown(paths: Iterable[Path]) -> list[Path]:
    """`paths` and what they resolve to, each once and parents first, without what a system folder holds already."""
    places: list[Path] = []
    every = {Path(os.path.abspath(path)) for path in paths} | {path.resolve() for path in paths}  # noqa: PTH100 - unresolved
    for path in sorted(every, key=lambda path: len(path.parts)):
        if not path.exists():
            raise NotContained(f"{path} is to be readable inside, but does not exist")
        _refuse_home(path)
        if not any(path.is_relative_to(place) for place in (*places, *map(Path, SYSTEM))):
            places.append(path)
    return places


def _refuse_home(path: Path) -> None:
    home = Path.home()
    if path == Path("/") or home.resolve().is_relative_to(path.resolve()):
        raise NotContained(f"{path} cannot be shown to contained code: it holds the home folder {home}")
