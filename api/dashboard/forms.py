"""What a page's form sends: names and values, URL-encoded, of some kilobytes."""

from urllib.parse import parse_qsl

from fastapi import Request

from api.problems import Problem

FORM_BYTES_MAX = 8 * 1024
PROSE_BYTES_MAX = 40 * 1024
"""Of a form that people write sentences in: two texts of 2,000 letters of any language."""
FIELDS_MAX = 50
MEDIA_TYPE = "application/x-www-form-urlencoded"


async def form_of(request: Request, most: int = FORM_BYTES_MAX) -> dict[str, str]:
    """The form's fields; of several with one name the last. A Problem (413, 415, 400) when it is no form of ours.

    most: bytes that it may have.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Problem(415, "not_a_form", f"send the form as {MEDIA_TYPE}")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise Problem(413, "too_large", f"a form has up to {most // 1024} KiB here")
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX))
    except ValueError:  # of Unicode, too
        raise Problem(400, "malformed_form", "this is no form that can be read") from None
