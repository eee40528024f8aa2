"""What an import of targets looks like, for the documentation."""

TABLE = """key,name,metric,unit,goal,start,end,time_zone,checkpoints,scope,activate
2027-01,January 2027,revenue,USD,100000.00,2027-01-01,2027-01-31,UTC,FREQ=WEEKLY;BYDAY=FR,region=emea|us,true
2027-02,February 2027,revenue,USD,90 thousand,2027-02-01,2027-02-28,UTC,FREQ=WEEKLY;BYDAY=FR,,true
"""
ROWS = [
    {
        "key": "2027-01",
        "name": "January 2027",
        "metric": "revenue",
        "unit": "USD",
        "goal": "100000.00",
        "start": "2027-01-01",
        "end": "2027-01-31",
        "time_zone": "UTC",
        "activate": True,
    }
]
IMPORTED = {
    "dry_run": False,
    "made": 1,
    "unchanged": 0,
    "refused": 1,
    "items": [
        {
            "line": 2,
            "result": "made",
            "key": "2027-01",
            "name": "January 2027",
            "id": "0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55",
            "error": None,
        },
        {
            "line": 3,
            "result": "refused",
            "key": "2027-02",
            "name": "February 2027",
            "id": None,
            "error": {
                "code": "amount_not_decimal",
                "detail": "an amount is decimal text such as 19.99",
                "column": "goal",
            },
        },
    ],
}
