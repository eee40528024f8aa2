"""The command line: `milemarker COMMAND`. Exit codes: 0 all went well, 1 something failed, 2 typed wrongly."""

import inspect
import sys
import traceback
from collections.abc import Callable

import typer

from deploy.commands import checking, dead, demo, doctor, history, keys, load, login, processes, refused, settings, up
from deploy.commands.options import errors
from deploy.directory import DirectoryInUse
from deploy.processes import ServerDidNotStart
from deploy.settings import read_settings
from deploy.trouble import Trouble
from domain.refusal import Refused

app = typer.Typer(
    name="milemarker",
    help="Targets, checkpoints and milestones: sales in, exact progress out, every fact kept.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def add(run: Callable[..., None], name: str, *examples: str, to: typer.Typer = app) -> None:
    """A command: its help is the docstring, and ends with examples."""
    paragraphs = inspect.getdoc(run) or ""
    text = "\n\n".join(" ".join(one.split()) for one in paragraphs.split("\n\n"))
    to.command(name, help=text, epilog="\n\n".join(["Examples:", *examples]))(run)


PRODUCTION = "DATABASE_URL=postgresql://... NATS_URL=nats://... milemarker"

add(up.up, "up", "milemarker up", "milemarker up --data /srv/milemarker --port 9000")
add(demo.demo, "demo", "milemarker demo", "milemarker demo --data /tmp/demo --port 8080")
add(login.login, "login", "milemarker login", "milemarker login --key 7c1f0a524b90 --data /srv/milemarker")
add(load.load_file, "load", "milemarker load sales.csv", "milemarker load 2025.ndjson.gz --data /srv/milemarker")
add(processes.api, "api", f"{PRODUCTION} api")
add(processes.worker, "worker", f"{PRODUCTION} worker", f"{PRODUCTION} worker ingest")
add(processes.project, "project", f"{PRODUCTION} project")
add(processes.migrate, "migrate", f"{PRODUCTION} migrate", "milemarker migrate --data /srv/milemarker")
add(checking.verify, "verify", "milemarker verify", "milemarker verify --data /srv/milemarker")
add(checking.rebuild, "rebuild", "milemarker rebuild", "milemarker rebuild statuses")
add(
    history.history,
    "history",
    "milemarker history November --as-of 2026-11-13",
    "milemarker history 7c1f0a52 --known-at 2026-11-06T17:00:00-05:00 --all",
)
add(refused.refused, "refused", "milemarker refused --limit 20", "milemarker refused --follow --json")
add(dead.dead, "dead", "milemarker dead", "milemarker dead --recipient ana@example.com --json")
add(dead.redrive, "redrive", "milemarker redrive --recipient ana@example.com", "milemarker redrive --limit 10 --yes")
add(doctor.doctor, "doctor", "milemarker doctor", "milemarker doctor --data /srv/milemarker --json")
add(settings.settings, "settings", "milemarker settings", "MILEMARKER_RATE=50 milemarker settings")

keys_app = typer.Typer(no_args_is_help=True, help="API keys: make one, list them, revoke one.")
app.add_typer(keys_app, name="keys", epilog="Example: milemarker keys list")
add(
    keys.create,
    "create",
    "milemarker keys create --role publisher --name webshop --source webshop",
    "milemarker keys create --role manager --name ana@example.com",
    to=keys_app,
)
add(keys.list_keys, "list", "milemarker keys list", to=keys_app)
add(keys.revoke, "revoke", "milemarker keys revoke 7c1f0a52", to=keys_app)


def main() -> None:
    """Errors are sentences; with MILEMARKER_DEBUG also where they came up."""
    try:
        app()
    except (Trouble, DirectoryInUse, ServerDidNotStart, Refused) as error:
        _fail(str(error))
    except Exception as error:  # noqa: BLE001 - the outermost edge: nobody is shown a traceback unasked
        if _debugging():
            traceback.print_exc()
        _fail(f"{_sentence(error)} (MILEMARKER_DEBUG=1 shows where)")


def _debugging() -> bool:
    try:
        return read_settings().debug
    except Trouble:
        return False


def _sentence(error: Exception) -> str:
    said = str(error).strip() or type(error).__name__
    library = type(error).__module__.partition(".")[0]
    match library:
        case "psycopg" | "psycopg_pool" | "eventsourcing":
            return f"the database does not do what it should: {said}"
        case "nats":
            return f"NATS does not do what it should: {said}"
    return f"something went wrong here: {type(error).__name__}: {said}"


def _fail(sentence: str) -> None:
    errors.print("[bold red]Error:[/bold red] ", end="")
    errors.print(sentence, markup=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
