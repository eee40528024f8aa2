"""What only time brings: a target that slips or stalls, and data that does not come any more."""
