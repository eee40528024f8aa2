"""A refusal: what the world may ask for and not get, with the reason and where to mend it."""

NAME_LENGTH_MAX = 128
"""Characters of a name that a pointer repeats."""


class Refused(Exception):
    """Something asked for that the rules don't allow.

    code: stable name of the rule, such as "amount_not_decimal"; detail: a sentence for people;
    field: JSON pointer to what is wrong, such as "/amount", or "" for the whole.
    """

    def __init__(self, code: str, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


def pointer(*steps: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path into what was sent."""
    return "".join("/" + str(step)[:NAME_LENGTH_MAX].replace("~", "~0").replace("/", "~1") for step in steps)
