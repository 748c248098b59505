"""What can be wrong with an agency: one injection for each cause, in the forms in which it would show."""

from detection.faults.catalogue import INJECTIONS, choice_for, inject
from detection.faults.injection import ANY, CATEGORIES, CATEGORY, STRENGTHS, Injection, nothing

__all__ = ["ANY", "CATEGORIES", "CATEGORY", "INJECTIONS", "STRENGTHS", "Injection", "choice_for", "inject", "nothing"]
