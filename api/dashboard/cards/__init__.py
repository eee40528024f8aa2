"""The figures of a target as cards, for people who don't know what a pace index is: a module for each card."""
