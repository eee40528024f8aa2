"""`settings`: what can be set, and what is."""

from rich.table import Column, Table

from deploy.commands.options import DataOption, console
from deploy.settings import described, read_settings


def settings(data: DataOption = None) -> None:
    """List every setting with its value and meaning. Secrets are masked.

    Each is an environment variable, or a line NAME=value in the file .env of the current folder.
    """
    table = Table(Column("setting", no_wrap=True), "value", "meaning", box=None)
    for name, value, meaning in described(read_settings(data)):
        table.add_row(name, value, meaning)
    console.print(table, markup=False)
