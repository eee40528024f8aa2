"""`doctor`: what is configured, reachable, behind or wrong, in plain words."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import typer
from pydantic import SecretStr

from deploy.commands.options import DataOption, JsonOption, console
from deploy.endpoints import Endpoints, find_endpoints
from deploy.own_command import pasteable
from deploy.settings import Settings, read_settings
from deploy.trouble import Trouble

if TYPE_CHECKING:
    from deploy.checkup.finding import Finding, Server

WITHIN_S = 2.6
RESTART = "restart `milemarker up`: Ctrl-C where it runs, then the same command"
COLOURS = {"ok": "green", "warning": "yellow", "wrong": "bold red"}


def doctor(as_json: JsonOption = False, data: DataOption = None) -> None:
    """Say what is configured, reachable, behind or wrong, and what to do about it.

    Each line is ok, a warning or wrong; exit code 1 when anything is wrong. It changes nothing, shows no secrets
    and takes less than three seconds.
    """
    found = checkup(data)
    if as_json:
        for one in found:
            print(orjson.dumps(asdict(one)).decode())
    else:
        _show(found)
    if any(one.level == "wrong" for one in found):
        raise typer.Exit(1)


def checkup(data: Path | None, within_s: float = WITHIN_S) -> "list[Finding]":
    """Everything that can be looked at, from settings to HTTP."""
    from deploy.checkup.finding import examine, wrong
    from deploy.checkup.machine import machine_group
    from deploy.checkup.web import web_group

    found: list[Finding] = []
    settings, endpoints, can_be_read = Settings.model_construct(), None, True
    try:
        settings = read_settings(data)
    except Trouble as trouble:
        can_be_read = False
        settings = settings if data is None else settings.model_copy(update={"data": data})
        found.append(wrong("settings", str(trouble), "mend it: `milemarker settings` lists all with their meaning"))
    else:
        try:
            endpoints = find_endpoints(settings, data_given=data is not None)
        except Trouble as trouble:
            found.append(wrong("directory", str(trouble), "start it, or say where it runs with --data"))
    database, nats = servers(settings, endpoints)
    groups = [machine_group(settings, endpoints, can_be_read=can_be_read)]
    if database is not None:
        from deploy.checkup.database import DatabaseCheckup

        groups.append(DatabaseCheckup(database, settings).group())
    if nats is not None:
        from deploy.checkup.broker import BrokerCheckup

        groups.append(BrokerCheckup(nats).group())
    groups.append(web_group(endpoints.http if endpoints is not None else None))
    return found + examine(groups, within_s)


def servers(settings: Settings, endpoints: Endpoints | None) -> "tuple[Server | None, Server | None]":
    """The database and NATS; of a production that is only half described, that half."""
    from deploy.checkup.finding import Server

    def server(secret: SecretStr | None, found: str | None, setting: str, log: str) -> Server | None:
        given = None if secret is None else secret.get_secret_value()
        if endpoints is not None and endpoints.http is not None and found != given:
            logs = f"{directory / log} and {directory / 'logs'}"
            return Server(found or "", f"{RESTART}; what happened is in {logs}")
        url = found or given
        return None if url is None else Server(url, f"start it, or mend {setting}")

    directory = settings.data.resolve()
    database, nats = (None, None) if endpoints is None else (endpoints.database, endpoints.nats)
    return (
        server(settings.database_url, database, "DATABASE_URL", "postgres.log"),
        server(settings.nats_url, nats, "NATS_URL", "nats.log"),
    )


def _show(found: "Sequence[Finding]") -> None:
    widest = max(len(one.about) for one in found)
    for one in found:
        console.print(f"[{COLOURS[one.level]}]{one.level:<7}[/] ", end="")
        console.print(f"{one.about:<{widest}}  {_plain(one.says)}", markup=False, soft_wrap=True)
        if one.do:
            console.print(f"{'':<8}{'':<{widest}}  -> {_plain(pasteable(one.do))}", markup=False, soft_wrap=True)
    wrong, warnings = (sum(1 for one in found if one.level == level) for level in ("wrong", "warning"))
    console.print(f"{wrong} wrong, {warnings} to look at, {len(found) - wrong - warnings} in order.")


def _plain(text: str) -> str:
    # Names come from outside: what is no printable character must not reach the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in text)
