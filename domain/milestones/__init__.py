"""Points in time on a target: due by a rule, achieved by tasks, by value or by hand."""
