"""Writes the generated blocks into the configurations of the Collector; with --check only says where they differ."""

import re
import sys
from pathlib import Path

from parts.blocks import BLOCKS

HERE = Path(__file__).parent
FILES = ("agent.yaml", "gateway.yaml")
_BLOCK = re.compile(r"^( *)# >>> generated: ([a-z ]+)\n(.*?)^ *# <<< generated\n", re.MULTILINE | re.DOTALL)


def generated(text: str) -> str:
    """The configuration with each marked block as it has to be."""
    return _BLOCK.sub(_block, text)


def _block(found: re.Match[str]) -> str:
    indent, name = found[1], found[2]
    lines = [f"# >>> generated: {name}", *BLOCKS[name](), "# <<< generated"]
    return "".join(f"{indent}{line}\n" for line in lines)


def main() -> int:
    """0 where all is as it has to be, or was made so; 1 where --check finds a difference."""
    differing = [HERE / name for name in FILES if generated((HERE / name).read_text()) != (HERE / name).read_text()]
    if "--check" not in sys.argv:
        for file in differing:
            file.write_text(generated(file.read_text()))
        return 0
    for file in differing:
        print(f"{file.name} is not what its table makes it: run `make generate`", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
