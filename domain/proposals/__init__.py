"""Revisions that one person proposes and another one approves."""
