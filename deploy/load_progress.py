"""How far a load has got, in DIR/loads: so that one that was cut off goes on there."""

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from deploy.directory import DirectoryInUse, DirectoryLock
from deploy.trouble import Trouble
from domain.refusal import Refused

REASON_TEXT_MAX = 16 * 1024


@dataclass
class Tally:
    """Up to this (uncompressed) byte and line all is committed, or refused and written down."""

    offset: int = 0
    line: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    refused_bytes: int = 0

    @property
    def sales(self) -> int:
        return self.accepted + self.duplicates + self.refused


class LoadProgress:
    """The tally of one file as it is now (path, size, time of change), and the file of what was refused.

    Kept after every part, without waiting for the disk: a killed process loses nothing by that, and after a power
    cut some sales are sent again and counted as duplicates.
    """

    def __init__(self, directory: Path, file: Path, source: str | None) -> None:
        facts = file.stat()
        key = f"{file.resolve()}\n{facts.st_size}\n{facts.st_mtime_ns}\n{source or ''}"
        name = f"{file.name[:100]}.{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        self._file = directory / "loads" / f"{name}.json"
        self.refused_file = directory / "loads" / f"{file.name[:100]}.refused.ndjson"
        self._lock_file = directory / "loads" / f"{name}.lock"
        self._lock = DirectoryLock(self._lock_file)
        self.tally = Tally()

    def open(self) -> bool:
        """True when an earlier load of this file was cut off: its tally is here. Raises Trouble."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except DirectoryInUse:
            raise Trouble("this file is being loaded by another process: wait for it, or stop it first") from None
        try:
            self.tally = Tally(**orjson.loads(self._file.read_bytes()))
            resumed = self.refused_file.stat().st_size >= self.tally.refused_bytes
        except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
            resumed = False
        if not resumed:
            self.tally = Tally()
        # What a killed load had written down beyond its tally is written again.
        self._refused = os.open(self.refused_file, os.O_WRONLY | os.O_CREAT, 0o600)
        os.ftruncate(self._refused, self.tally.refused_bytes)
        os.lseek(self._refused, 0, os.SEEK_END)
        return resumed and self.tally.offset > 0

    def refuse(self, number: int, text: bytes, refused: Refused, named: dict[str, Any]) -> None:
        """Write down one line that was refused. named: the source and id of its sale, where they could be read."""
        told = {
            "line": number,
            "code": refused.code,
            "detail": refused.detail,
            "field": refused.field,
            **named,
            "original": text[:REASON_TEXT_MAX].decode(errors="backslashreplace"),
        }
        self.tally.refused_bytes += os.write(self._refused, orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        self.tally.refused += 1

    def keep(self) -> None:
        draft = self._file.with_name(self._file.name + ".new")
        draft.write_bytes(orjson.dumps(asdict(self.tally)))
        draft.replace(self._file)

    def finish(self) -> None:
        """Done: the same file is read anew next time. What was refused stays."""
        os.close(self._refused)
        if not self.tally.refused:
            self.refused_file.unlink(missing_ok=True)
        self._file.unlink(missing_ok=True)
        # Should two loads meet at this moment and both get a lock, they send duplicates, and nothing worse.
        self._lock_file.unlink(missing_ok=True)
        self._lock.release()
