"""What must not leave the process, taken out: secrets, content, and who runs it. Messages stay readable."""

from tachograph.redaction.attributes import clean
from tachograph.redaction.content import Capture, captured, keep_content
from tachograph.redaction.known import hide, hide_arguments, hide_environment, hide_person, learn_later
from tachograph.redaction.names import is_secret
from tachograph.redaction.rules import rules
from tachograph.redaction.values import REDACTED, text

__all__ = [
    "REDACTED",
    "Capture",
    "captured",
    "clean",
    "hide",
    "hide_arguments",
    "hide_environment",
    "hide_person",
    "is_secret",
    "keep_content",
    "learn_later",
    "rules",
    "text",
]
