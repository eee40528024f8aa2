"""The command line: `milemarker COMMAND`. Exit codes: 0 all went well, 1 something failed, 2 typed wrongly."""

import sys
import traceback

from deploy.importing import importing

OWNED = "--with-owner"
"""Said last by `up`, of a part that it starts, and ends."""


def main() -> None:
    """Errors are sentences; with MILEMARKER_DEBUG also where they came up."""
    try:
        if sys.argv[-1] == OWNED:
            with importing():
                from deploy.parts import run_part
            run_part(sys.argv[1:-1])
        else:
            with importing():
                from deploy.command_list import build_app

                app = build_app(next((word for word in sys.argv[1:] if not word.startswith("-")), None))
            app()
    except Exception as error:  # noqa: BLE001 - the outermost edge: nobody is shown a traceback unasked
        _fail(_sentence(error))


def _sentence(error: Exception) -> str:
    from deploy.directory import DirectoryInUse
    from deploy.processes import ServerDidNotStart
    from deploy.trouble import Trouble
    from domain.refusal import Refused

    said = str(error).strip() or type(error).__name__
    if isinstance(error, Trouble | DirectoryInUse | ServerDidNotStart | Refused):
        return str(error)
    if _debugging():
        traceback.print_exception(error)
    library = type(error).__module__.partition(".")[0]
    match library:
        case "psycopg" | "psycopg_pool" | "eventsourcing":
            told = f"the database does not do what it should: {said}"
        case "nats":
            told = f"NATS does not do what it should: {said}"
        case _:
            told = f"something went wrong here: {type(error).__name__}: {said}"
    return f"{told} (MILEMARKER_DEBUG=1 shows where)"


def _debugging() -> bool:
    from deploy.settings import read_settings
    from deploy.trouble import Trouble

    try:
        return read_settings().debug
    except Trouble:
        return False


def _fail(sentence: str) -> None:
    from deploy.commands.options import errors
    from deploy.own_command import pasteable

    errors.print("[bold red]Error:[/bold red] ", end="")
    errors.print(pasteable(sentence), markup=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
