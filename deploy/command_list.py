"""Every command there is, with its examples; only what the chosen one needs is imported."""

import inspect
import sys
from importlib import import_module
from typing import Annotated, NamedTuple

import typer

PRODUCTION = "DATABASE_URL=postgresql://... NATS_URL=nats://... milemarker"


class Command(NamedTuple):
    """name: as it is typed, with its group's before it; run: module of deploy.commands, and function in it."""

    name: str
    run: str
    examples: tuple[str, ...]


def add(name: str, run: str, *examples: str) -> Command:
    return Command(name, run, examples)


COMMANDS = (
    add("up", "up:up", "milemarker up", "milemarker up --data /srv/milemarker --port 9000"),
    add("demo", "demo:demo", "milemarker demo", "milemarker demo --data /tmp/demo --port 8080"),
    add("login", "login:login", "milemarker login", "milemarker login --key 7c1f0a524b90 --data /srv/milemarker"),
    add("load", "load:load_file", "milemarker load sales.csv", "milemarker load 2025.ndjson.gz --data /srv/milemarker"),
    add("api", "processes:api", f"{PRODUCTION} api"),
    add("worker", "processes:worker", f"{PRODUCTION} worker", f"{PRODUCTION} worker ingest"),
    add("project", "processes:project", f"{PRODUCTION} project"),
    add("migrate", "processes:migrate", f"{PRODUCTION} migrate", "milemarker migrate --data /srv/milemarker"),
    add("verify", "checking:verify", "milemarker verify", "milemarker verify --data /srv/milemarker"),
    add("rebuild", "checking:rebuild", "milemarker rebuild", "milemarker rebuild statuses"),
    add(
        "history",
        "history:history",
        "milemarker history November --as-of 2026-11-13",
        "milemarker history 7c1f0a52 --known-at 2026-11-06T17:00:00-05:00 --all",
    ),
    add("back-test", "back_test:back_test", "milemarker back-test", "milemarker back-test October 7c1f0a52 --json"),
    add("refused", "refused:refused", "milemarker refused --limit 20", "milemarker refused --follow --json"),
    add("dead", "dead:dead", "milemarker dead", "milemarker dead --recipient ana@example.com --json"),
    add(
        "redrive",
        "dead:redrive",
        "milemarker redrive --recipient ana@example.com",
        "milemarker redrive --limit 10 --yes",
    ),
    add("doctor", "doctor:doctor", "milemarker doctor", "milemarker doctor --data /srv/milemarker --json"),
    add("settings", "settings:settings", "milemarker settings", "MILEMARKER_RATE=50 milemarker settings"),
    add(
        "targets import",
        "targets:import_targets",
        "milemarker targets import 2027.csv --dry-run",
        "milemarker targets import 2027.csv --data /srv/milemarker",
    ),
    add(
        "keys create",
        "keys:create",
        "milemarker keys create --role publisher --name webshop --source webshop",
        "milemarker keys create --role manager --name ana@example.com",
    ),
    add("keys list", "keys:list_keys", "milemarker keys list"),
    add("keys revoke", "keys:revoke", "milemarker keys revoke 7c1f0a52"),
)
GROUPS = {"targets": "Targets: define many at once.", "keys": "API keys: make one, list them, revoke one."}


def build_app(typed: str | None = None) -> typer.Typer:
    """typed: the first word of what was typed. When it is a command, only what that one needs is imported."""
    chosen = [one for one in COMMANDS if one.name.split()[0] == typed] or COMMANDS
    app = typer.Typer(
        name="milemarker",
        help="Targets, checkpoints and milestones: sales in, exact progress out, every fact kept.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_of_all)
    groups: dict[str, typer.Typer] = {}
    for command in chosen:
        group, _, name = command.name.rpartition(" ")
        if group and group not in groups:
            groups[group] = typer.Typer(no_args_is_help=True, help=GROUPS[group])
            app.add_typer(groups[group], name=group, epilog=f"Example: milemarker {command.name}")
        _add_to(groups[group] if group else app, name, command)
    return app


def _add_to(app: typer.Typer, name: str, command: Command) -> None:
    """Its help is the docstring, and ends with examples."""
    module, _, function = command.run.partition(":")
    run = getattr(import_module(f"deploy.commands.{module}"), function)
    paragraphs = inspect.getdoc(run) or ""
    text = "\n\n".join(" ".join(one.split()) for one in paragraphs.split("\n\n"))
    app.command(name, help=text, epilog="\n\n".join(["Examples:", *command.examples]))(run)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"milemarker {version('milemarker')}, Python {sys.version.split()[0]}")
        raise typer.Exit


def _of_all(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Say which version this is.")
    ] = False,
) -> None:
    pass
