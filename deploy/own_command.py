"""How `milemarker` is typed where the user stands: after `make` it is .venv/bin/milemarker, and on no PATH."""

import os
import shlex
import shutil
import sys
from pathlib import Path

NAME = "milemarker"
QUOTED = f"`{NAME} "


def own_command() -> str:
    """What begins every command that this process prints; it can be pasted into the shell that started it."""
    return as_typed(sys.argv[0], sys.executable, Path.cwd(), os.environ.get("PATH", ""))


def as_typed(program: str, python: str, folder: Path, path: str) -> str:
    """program: as it was started, or a module of ours; then the one beside this Python is meant.

    Just the name where a shell in this folder finds the same file by it, else the way from the folder.
    """
    started = Path(program) if Path(program).stem == NAME else Path(python).with_name(NAME)
    # Not `resolve`: that would follow the links of a virtual environment.
    started = Path(os.path.abspath(folder / started))
    found = shutil.which(NAME, path=path)
    if not started.exists() or (found is not None and (folder / found).resolve() == started.resolve()):
        return NAME
    if not started.is_relative_to(folder):
        return shlex.quote(str(started))
    way = str(started.relative_to(folder))
    return shlex.quote(way if os.sep in way else f".{os.sep}{way}")


def pasteable(sentence: str) -> str:
    """The commands that it names in backticks, as they can be typed here."""
    return sentence.replace(QUOTED, f"`{own_command()} ")
