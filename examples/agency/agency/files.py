"""Files that others may be reading at the same time."""

from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Change a file's content at once: whoever reads it sees the old text or the new one, never a part."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
