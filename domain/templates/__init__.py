"""Targets that recur: what those made from a template look like, when the next is made, and who makes it."""
