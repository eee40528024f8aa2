"""Splits a JSON array into its elements without reading them: one that is broken spoils none of the others."""

import re

_MARKS = re.compile(rb'["\[\]{},]')
_STRING_END = re.compile(rb'(?:[^"\\]|\\.)*+"', re.DOTALL)
_OPEN, _CLOSE = b"[{", b"]}"


def split_array(text: bytes) -> list[bytes] | None:
    """The elements of the array as they stand; None when its brackets and quotes don't pair up.

    Depth is counted, not recursed into, so no nesting is too deep for it.
    """
    text = text.strip()
    if not (text.startswith(b"[") and text.endswith(b"]")):
        return None
    elements: list[bytes] = []
    depth, begins, at, end = 0, 1, 1, len(text) - 1
    while (mark := _MARKS.search(text, at, end)) is not None:
        sign, at = mark.group(), mark.end()
        if sign == b'"':
            closing = _STRING_END.match(text, at, end)
            if closing is None:
                return None
            at = closing.end()
        elif sign in _OPEN:
            depth += 1
        elif sign in _CLOSE:
            depth -= 1
            if depth < 0:
                return None
        elif depth == 0:
            elements.append(text[begins : mark.start()].strip())
            begins = at
    if depth != 0:
        return None
    last = text[begins:end].strip()
    return [*elements, last] if elements or last else []
