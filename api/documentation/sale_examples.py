"""What sales look like, for the documentation: one of each kind, and what is answered about them."""

SALE = {
    "source": "webshop",
    "id": "ord-1001",
    "metric": "revenue",
    "amount": "19.99",
    "unit": "USD",
    "occurred_at": "2026-11-06T15:04:05-05:00",
    "dimensions": {"region": "emea", "rep": "ana"},
}
REFUND = SALE | {"id": "ret-7", "kind": "refund", "corrects": "ord-1001"}
VOID = {
    "source": "webshop",
    "id": "void-1",
    "kind": "void",
    "corrects": "ord-1001",
    "occurred_at": "2026-11-07T09:00:00-05:00",
}
CORRECTION = SALE | {"id": "fix-1", "kind": "correction", "corrects": "ord-1001", "amount": "18.50"}
RECORDED = {
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
FOUND = {
    "source": "webshop",
    "id": "ord-1001",
    "position": 1234,
    "recorded_at": "2026-11-06T20:04:06Z",
    "state": "counted",
    "sale": SALE | {"kind": "sale", "occurred_at": "2026-11-06T20:04:05Z"},
    "root": "ord-1001",
    "latest": "ord-1001",
    "counts_toward": [
        {
            "target": "0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55",
            "name": "November revenue",
            "amount": "19.99",
            "counted_at": "2026-11-06T20:04:05Z",
        }
    ],
}
