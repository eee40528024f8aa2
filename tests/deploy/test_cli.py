"""The command line: help with examples, sentences instead of tracebacks, secrets kept."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.command_list import build_app
from deploy.settings import described, masked_database_url, masked_nats_url, read_settings
from tests.system.product import MILEMARKER, Product

NOT_HERE = {"MILEMARKER_DATA": "/nowhere/at/all", "DATABASE_URL": "", "NATS_URL": "", "COLUMNS": "200"}


def commands(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in getattr(group, "commands", {}).items():
        yield (*path, name)
        yield from commands(command, (*path, name))


APP = build_app()
ALL = list(commands(typer.main.get_command(APP)))


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_command_shows_an_example_in_its_help(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(APP, [*command, "--help"], env={"COLUMNS": "200"})

    assert shown.exit_code == 0
    assert "Example" in shown.stdout
    assert f"milemarker {' '.join(command)}" in shown.stdout


@pytest.mark.parametrize(
    "command", [["load", __file__], ["verify"], ["rebuild"], ["refused"], ["migrate"], ["keys", "list"], ["login"]]
)
def test_where_nothing_runs_a_command_says_what_to_do(command: list[str]) -> None:
    done = run(*command)

    assert done.returncode == 1
    assert "Error: no Milemarker is running in /nowhere/at/all" in done.stderr
    assert "milemarker up --data /nowhere/at/all" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_said() -> None:
    assert CliRunner().invoke(APP, ["--version"]).stdout.startswith("milemarker 0.1.0, Python 3.")


def test_a_worker_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    done = run("worker", "ingests")

    assert done.returncode == 2
    assert "there is no worker ingests; there are: ingest" in done.stderr


@pytest.mark.parametrize("command", ["api", "worker", "project"])
def test_a_production_process_says_what_it_needs(command: str) -> None:
    done = run(command)

    assert done.returncode == 1
    assert "DATABASE_URL is not set: `" in done.stderr
    assert f"milemarker {command}` needs" in done.stderr


def test_a_wrong_setting_is_named() -> None:
    done = run("settings", MILEMARKER_PORT="eighty")

    assert done.returncode == 1
    assert "MILEMARKER_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_listed_with_their_meaning_and_without_secrets() -> None:
    done = run(
        "settings",
        DATABASE_URL="postgresql://ana:s3cret@db.example:5433/mm?sslpassword=s3cret",
        NATS_URL="nats://worker:s3cret@a.example:4222,nats://t0ken@b.example",
    )

    assert done.returncode == 0
    assert "postgresql://ana:********@db.example:5433/mm" in done.stdout
    assert "nats://********@a.example:4222,nats://********@b.example:4222" in done.stdout
    assert "s3cret" not in done.stdout
    assert "t0ken" not in done.stdout
    assert all(name in done.stdout and meaning for name, _, meaning in described(read_settings()))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("host=db password=s3cret dbname=mm user=ana", "postgresql://ana:********@db:5432/mm"),
        ("postgresql://db?password=s3cret", "postgresql://db:5432/"),
        ("what is s3cret", "********"),
    ],
)
def test_a_database_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert masked_database_url(url) == shown


def test_a_nats_url_that_can_not_be_read_is_not_shown() -> None:
    assert masked_nats_url("nats://a:s3cret@[::1:4222") == "********"


def test_settings_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MILEMARKER_RATE=7\nMILEMARKER_PORT=9000\n")

    done = run("settings", cwd=tmp_path, MILEMARKER_PORT="9001")

    shown = {words[0]: words[1] for words in map(str.split, done.stdout.splitlines()) if len(words) > 1}
    assert (shown["MILEMARKER_RATE"], shown["MILEMARKER_PORT"]) == ("7", "9001")


@pytest.mark.xdist_group("up")
def test_a_key_is_shown_once_and_can_be_revoked(machine: Product) -> None:
    made = machine.command("keys", "create", "--role", "publisher", "--name", "the [red] shop", "--source", "webshop")
    key = made.stdout.strip()

    listed = machine.command("keys", "list").stdout
    (row,) = [one for one in json_lines(machine.command("keys", "list", "--json").stdout) if str(one["id"]) in key]
    assert "the [red] shop" in listed
    assert key not in listed
    assert (row["role"], row["sources"], row["revoked_at"]) == ("publisher", ["webshop"], None)

    assert machine.command("keys", "revoke", str(row["id"])).returncode == 0
    again = machine.command("keys", "revoke", str(row["id"]), check=False)
    assert again.returncode == 1
    assert "there is no key" in again.stderr
    (row,) = [one for one in json_lines(machine.command("keys", "list", "--json").stdout) if str(one["id"]) in key]
    assert row["revoked_at"]


@pytest.mark.xdist_group("up")
def test_figures_are_verified_and_read_models_rebuilt(machine: Product) -> None:
    assert "all figures agree" in machine.command("verify").stdout
    assert "statuses: rebuilt up to position" in machine.command("rebuild", "statuses").stdout
    stranger = machine.command("rebuild", "statues", check=False)
    assert stranger.returncode == 2
    assert "there is no view statues" in stranger.stderr


@pytest.mark.xdist_group("up")
def test_migrating_again_changes_nothing(machine: Product) -> None:
    assert machine.command("migrate").stdout == machine.command("migrate").stdout


@pytest.mark.xdist_group("up")
def test_refused_sales_are_shown_with_their_reason(machine: Product, tmp_path: Path) -> None:
    file = tmp_path / "refused.ndjson"
    file.write_text('{"source": "webshop", "id": "none-[bold]such"}\n')
    machine.command("load", str(file), check=False)

    table = machine.command("refused", "--limit", "5").stdout
    shown = json_lines(machine.command("refused", "--limit", "1", "--json").stdout)

    assert "none-[bold]such" in table
    assert [(one["source"], one["id"]) for one in shown] == [("webshop", "none-[bold]such")]
    assert shown[0]["code"]


def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MILEMARKER, *arguments],
        env=NOT_HERE | {"PATH": "/usr/bin:/bin"} | environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )


def json_lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]
