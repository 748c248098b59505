"""An environment for each framework and version, made once and kept; what is tested lies beside it on the path."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tachograph" / "frameworks"
UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True)
class Environment:
    """The packages that one framework is tested with."""

    framework: str
    version: str
    packages: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return KEPT / f"{self.framework}-{self.version}"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def make(self) -> None:
        """Make it where it is not there; one that was left half-made is made again."""
        done = self.folder / ".packages"
        wanted = "\n".join(self.packages)
        if done.is_file() and done.read_text() == wanted:
            return
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, self.folder)
        needs = CHECKOUT / "pyproject.toml"
        _uv("pip", "install", "--quiet", "--python", self.python, "--requirements", needs, *self.packages)
        done.write_text(wanted)


def _uv(*arguments: object) -> None:
    # As pip does: an index of one's own is known to the system, and not to uv.
    subprocess.run([UV, "--system-certs", *map(str, arguments)], check=True, timeout=600)


def install_tachograph(folder: Path) -> None:
    """The checkout as users get it, into a folder that is put on the path of any environment."""
    _uv("pip", "install", "--quiet", "--no-deps", "--target", folder, CHECKOUT)
