"""`demo`: `up`, with a small company's month in it that goes on while one looks."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.options import console
from deploy.directory import free_port
from deploy.logs import configure_logs
from deploy.running import stop_on_signals
from deploy.settings import Settings, read_settings

GRACE_S = 3.0
"""Between a cut-off and its verdict: nobody wants to wait, and all sales come from this machine."""


def demo(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Keeps the demo's data apart from your own.")] = Path(
        ".milemarker/demo"
    ),
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65_535,
            help="Default: 8080, or a free one where that is taken; 0: any that is free",
            show_default=False,
        ),
    ] = None,
    sales: Annotated[int, typer.Option(min=0, help="End after so many live sales; 0: never", hidden=True)] = 0,
) -> None:
    """Show a small company's month: targets of each kind, milestones, sales of two months, live ones. Ctrl-C stops it.

    A push of an hour begins with every start; what people are told of it comes as signed webhooks to this very
    process, which prints them. Nothing leaves this machine. A second demo on the same directory carries on where the
    first one was.
    """
    stop = stop_on_signals()
    configure_logs("warning")
    settings = _settings(data, port)
    from deploy.demo.showing import Show

    Show(console, settings, stop, sales).run()
    console.print("\nStopped; the data stays. The same command carries on.")


def _settings(data: Path, port: int | None) -> Settings:
    """Servers of its own, whatever the environment says, and webhooks that may lead back here."""
    settings = read_settings(data)
    changes = {
        "port": free_port(settings.port or None) if port is None else port,
        "database_url": None,
        "nats_url": None,
        "checkpoint_grace": GRACE_S,
        "webhook_allow_loopback": True,
    }
    return settings.model_copy(update=changes)
