"""`api`, `worker`, `project`, `migrate`: the parts, as production runs them."""

from typing import Annotated

import typer

from deploy.commands.options import DataOption, OwnedOption, console, found_endpoints
from deploy.parts import WORKERS, run_api, run_project, run_worker


def api(owned: OwnedOption = False) -> None:
    """Answer HTTP until told to stop: the JSON API, /docs, /healthz and /readyz. Any number may run side by side."""
    run_api(owned=owned)


def worker(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Which ones. Default: all")] = None,
    owned: OwnedOption = False,
) -> None:
    """Run workers until told to stop. Any number of these processes may run side by side."""
    for name in names or []:
        if name not in WORKERS:
            raise typer.BadParameter(f"there is no worker {name}; there are: {', '.join(WORKERS)}")
    run_worker(names or [], owned=owned)


def project(owned: OwnedOption = False) -> None:
    """Keep the read models up with the log until told to stop. Any number may run side by side."""
    run_project(owned=owned)


def migrate(data: DataOption = None) -> None:
    """Create or upgrade tables, streams and consumers. The same again changes nothing; workers never do it."""
    from deploy.up import migrate as migrate_all

    _, endpoints = found_endpoints(data)
    for line in migrate_all(endpoints.database, endpoints.nats):
        console.print(line)
    console.print("All is as this version wants it.")
