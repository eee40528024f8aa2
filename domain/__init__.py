"""The rules of targets, pace, checkpoints and the ledger. Pure: no I/O, no clock, no environment."""
