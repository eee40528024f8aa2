"""What a page's form sends: names and values, URL-encoded, of a few kilobytes."""

from urllib.parse import parse_qsl

from fastapi import Request

from api.problems import Problem

FORM_BYTES_MAX = 8 * 1024
FIELDS_MAX = 50
MEDIA_TYPE = "application/x-www-form-urlencoded"


async def form_of(request: Request) -> dict[str, str]:
    """The form's fields; of several with one name the last. A Problem (413, 415, 400) when it is no form of ours."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Problem(415, "not_a_form", f"send the form as {MEDIA_TYPE}")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > FORM_BYTES_MAX:
            raise Problem(413, "too_large", f"a form has up to {FORM_BYTES_MAX // 1024} KiB here")
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX))
    except ValueError:  # of Unicode, too
        raise Problem(400, "malformed_form", "this is no form that can be read") from None
