"""Behaviour in the business's words, mirroring the code."""
