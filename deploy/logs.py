"""Log lines: JSON in files and pipes, short ones in a terminal, without passwords, and none of them for ever."""

import logging
import os
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LOG_SIZE_MAX = 10_000_000
LINES_AT_ONCE_MAX = 200
REPEATED_S = 5.0
SHORT_MAX = 200
SHORT_PAD = 24
QUIET = ("nats", "uvicorn", "faststream", "httpx", "httpcore", "psycopg.pool", "eventsourcing", "asyncio")
"""Libraries of which only warnings are wanted."""
ASIDE = frozenset({"event", "level", "timestamp", "logger", "exception", "stack"})
PASSWORD = re.compile(r"(://[^:/@\s]*):[^@/\s]+@|(password=)\S+")


def configure_logs(level: str) -> None:
    """Everything that this process says goes to stderr: our own lines and those of the libraries."""
    terminal = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
        structlog.processors.StackInfoRenderer(),
    ]
    renderers: list[Processor] = (
        # Plain: a traceback with the values of variables would show passwords and secrets.
        [structlog.dev.ConsoleRenderer(pad_event_to=SHORT_PAD, exception_formatter=structlog.dev.plain_traceback)]
        if terminal
        else [structlog.processors.format_exc_info, hide_passwords, _JSON]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, hide_passwords, *renderers],
        )
    )
    handler.addFilter(Repeats())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide_passwords(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = PASSWORD.sub(
                lambda found: f"{found[1]}:***@" if found[1] is not None else f"{found[2]}***", value
            )
    return event


def _to_json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


_JSON = structlog.processors.JSONRenderer(serializer=_to_json)


class Repeats(logging.Filter):
    """Lets the same sentence of a library through once in five seconds: NATS away is said at every attempt."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, dict):
            return True  # our own lines know when to speak
        key, now = (record.name, str(record.msg)[:SHORT_MAX]), time.monotonic()
        if now - self._last.get(key, -REPEATED_S) < REPEATED_S:
            return False
        if len(self._last) >= LINES_AT_ONCE_MAX:
            self._last.clear()
        self._last[key] = now
        return True


class Tail:
    """What a part adds to its log file, as short lines of `up`; also keeps the file from growing for ever."""

    def __init__(self, part: str, path: Path) -> None:
        self.path = path
        self._log = structlog.get_logger().bind(part=part)
        path.touch(mode=0o600)
        self._offset = path.stat().st_size

    def relay(self) -> None:
        with self.path.open("rb") as file:
            file.seek(self._offset)
            for raw in file.readlines(LINES_AT_ONCE_MAX * SHORT_MAX):
                if not raw.endswith(b"\n"):
                    break  # still being written
                self._offset += len(raw)
                self._say(raw)
        if self._offset > LOG_SIZE_MAX:
            # Parts append, so they go on at the new beginning. One older file is kept.
            older = self.path.with_name(self.path.name + ".1")
            shutil.copyfile(self.path, older)
            older.chmod(0o600)
            os.truncate(self.path, 0)
            self._offset = 0

    def _say(self, raw: bytes) -> None:
        try:
            event = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return  # a traceback of the interpreter's, say: the file has it, and `up` says that the part ended
        if not isinstance(event, dict):
            return
        details = {name: _short(value) for name, value in event.items() if name not in ASIDE}
        if "exception" in event:
            details["more"] = str(self.path)
        level = logging.getLevelName(str(event.get("level", "info")).upper())
        self._log.log(level if isinstance(level, int) else logging.INFO, _short(event.get("event")), **details)


def _short(value: Any) -> Any:
    return value if isinstance(value, int | float) else str(value)[:SHORT_MAX]
