"""Measurements: each prints one JSON line with its ratio to a yardstick of the same run, and asserts nothing."""
