"""The marks that stand, in a working copy, for characters already judged, and the pieces that patterns share."""

import re

FOUND = "\ue000"
"""A character of personal data."""
FOUND_PLACE = "\ue001"
"""A character of an address or a number plate: the word after it is a town or a make of car, not a person."""
KEPT = "\ue002"
"""A character that is judged and stays."""
PRIVATE_USE = {ord(mark): "\ue003" for mark in (FOUND, FOUND_PLACE, KEPT)}
"""Takes these marks out of a text that came with them."""

DASH = "\u00ad\\-\u2010-\u2015\u2212"
BLANK = " \t\u00a0\u2009\u202f"
NOT_AFTER_WORD = r"(?<![^\W_])"

CAPITAL = "[A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩА-Я]"
PARTICLE = r"(?i:van|de|der|den|ter|ten|te|het|'t|el|al|ben|bin|von|di|da|la|le|du)"

# A short word between two numbers ("2026 en 12", "1-op-100") is no postcode and no plate, except in capitals.
SHORT_WORD = re.compile(
    "aan|al|am|an|and|as|at|be|bij|by|cm|dag|de|dm|do|dr|en|er|for|from|go|he|ik|if|in|is|it|ja|je|"
    "kb|kg|km|la|mb|me|met|mg|min|ml|mm|my|na|nl|no|nr|nu|of|om|on|op|or|per|plus|pm|so|te|the|to|"
    "tot|uit|up|us|uu|uur|van|via|vs|we|x|ze|zo"
)
