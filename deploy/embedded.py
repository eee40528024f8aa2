"""The servers that `milemarker up` brings along when no DATABASE_URL or NATS_URL is given.

They live and die with the process that started them, keep all they have under one directory, listen on
127.0.0.1 alone and want a password. Each has a file of its own: `embedded_postgres.py`, `embedded_nats.py`.
"""

from deploy.directory import DirectoryInUse, DirectoryLock
from deploy.embedded_nats import INBOX_PREFIXES, ROLES, EmbeddedNats
from deploy.embedded_postgres import EmbeddedPostgres
from deploy.processes import ServerDidNotStart

__all__ = [
    "INBOX_PREFIXES",
    "ROLES",
    "DirectoryInUse",
    "DirectoryLock",
    "EmbeddedNats",
    "EmbeddedPostgres",
    "ServerDidNotStart",
]
