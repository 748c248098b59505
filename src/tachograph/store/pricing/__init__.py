"""What a token of a model costs, and when: from a price file and a catalogue to rows without overlap; no database."""

from tachograph.store.pricing.book import Book
from tachograph.store.pricing.rates import COLUMNS, Key, Rate

__all__ = ["COLUMNS", "Book", "Key", "Rate"]
