"""Text that came with telemetry, made safe for a terminal: no control characters, no markup, no endless names."""

from rich.text import Text

_LONGEST = 80


def word(text: str | None, style: str = "", longest: int = _LONGEST) -> Text:
    """The text as it is, but with control characters shown as � and cut where it gets too long."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text or "–")
    return Text(shown if len(shown) <= longest else shown[: longest - 1] + "…", style=style)
