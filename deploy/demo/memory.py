"""What one start of the demo leaves for the next, in DIR/demo.json: the sink's secret and port, whose key, the push."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.directory import write_private_json
from deploy.trouble import Trouble

FILE = "demo.json"


@dataclass
class Memory:
    """secret: of the webhooks to the sink; key: id of the key of the head of sales; month: the last one shown."""

    secret: str | None = None
    port: int | None = None
    key: str | None = None
    push: str | None = None
    month: str | None = None


def recall(directory: Path) -> Memory:
    """Raises Trouble when the file can't be read."""
    file = directory / FILE
    try:
        return Memory(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Memory()
    except (OSError, ValueError, TypeError) as error:
        raise Trouble(f"{file} can't be read ({error}): remove it, and the demo makes a new one") from None


def remember(directory: Path, memory: Memory) -> None:
    write_private_json(directory / FILE, asdict(memory))
