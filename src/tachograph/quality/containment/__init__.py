"""Running code that a model wrote: on a copy, without network, under limits, and with nothing left of it afterwards."""

from tachograph.quality.containment.results import Completed, Limits, NotContained, TooLarge
from tachograph.quality.containment.rooms import Containment, contained

__all__ = ["Completed", "Containment", "Limits", "NotContained", "TooLarge", "contained"]
