"""What people are told when something can't be done: one sentence that says what and how to go on."""


class Trouble(RuntimeError):
    """Ends a command with exit code 1 and this sentence, without a traceback."""
