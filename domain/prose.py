"""What people say in their own words: why something is cancelled or waived, what shows that it is achieved."""

from unicodedata import category

from domain.refusal import Refused

LENGTH_MAX = 2_000
LINES = "\n\r\t"
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of what stands after them, on somebody else's page."""


ASKED = {"why": "why", "improve": "what would improve it"}
"""What a field asks for that is not called by what it asks for."""


def prose(text: str, what: str) -> str:
    """The text, several lines of it if need be, or Refused; what: the field, such as "reason"."""
    asked = f"say in 1 to {LENGTH_MAX} characters {ASKED.get(what, f'what the {what} is')}"
    if not text.strip():
        raise Refused(f"{what}_missing", asked, f"/{what}")
    if len(text) > LENGTH_MAX:
        raise Refused("too_long", asked, f"/{what}")
    if any(one in TURNING or (category(one) in ("Cc", "Cs") and one not in LINES) for one in text):
        raise Refused("bad_text", f"the {what} has characters that can't be read: write plain text", f"/{what}")
    return text
