"""People's own words: several lines of any language, and nothing that breaks a page or a database."""

import pytest

from domain.prose import LENGTH_MAX, prose
from domain.refusal import Refused


@pytest.mark.parametrize("text", ["Two orders slipped", "Zwei\nZeilen\tund 👩‍👧", "предложение", "x" * LENGTH_MAX])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert prose(text, "reason") == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "reason_missing"),
        (" \n", "reason_missing"),
        ("x" * (LENGTH_MAX + 1), "too_long"),
        ("a\0b", "bad_text"),
        ("\x1b[31m", "bad_text"),
        ("paid \u202e$001", "bad_text"),
        ("half of \ud83d", "bad_text"),
    ],
    ids=["nothing", "blank", "long", "nul", "escape", "turned", "surrogate"],
)
def test_what_nobody_could_read_is_refused_with_its_field(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        prose(text, "reason")

    assert (refused.value.code, refused.value.field) == (code, "/reason")


def test_a_field_asks_for_what_it_is_about() -> None:
    with pytest.raises(Refused) as refused:
        prose("", "why")

    assert refused.value.detail == "say in 1 to 2000 characters why"
