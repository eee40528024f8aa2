"""Roll-ups: targets that belong to other targets, and what their sums come to."""
