"""Sales over HTTP: in by the thousands, and what became of each."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.auth import caller_of
from api.bodies import answer, body_of
from api.database import Database
from api.documenting import MIN_POSITION, SALE_EXAMPLE, body_documented, documented
from api.door import NDJSON, Door, IngestUnavailable
from api.limits import RateLimit
from api.problems import Problem, unavailable
from api.roles import Admission
from api.sale_bodies import Posted, posted
from api.sale_reads import SaleReads
from projections.keys import ApiKey

POSTED_EXAMPLE = {
    "position": 1234,
    "accepted": 2,
    "duplicates": 1,
    "rejected": [
        {
            "index": 3,
            "source": "webshop",
            "id": "ord-1004",
            "code": "amount_not_text",
            "detail": 'an amount is a decimal string such as "19.99", not a number',
            "field": "/amount",
        }
    ],
}
