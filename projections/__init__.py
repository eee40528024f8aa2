"""Everything on PostgreSQL: the event log and the read models made from it."""
