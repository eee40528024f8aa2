"""`targets import`: a year of targets from one table; what is wrong in it is said, and what is good is made."""

import json
import subprocess
from pathlib import Path

from projections.store import Store
from tests.deploy.test_dead import milemarker
from tests.domain.test_importing import HEADER, year

DEFINED = ["target.defined"]


def imported(database: str, file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return milemarker(database, "targets", "import", str(file), *options)


def table(directory: Path, *lines: str) -> Path:
    file = directory / "2027.csv"
    file.write_text("\n".join([HEADER, *lines]), encoding="utf-8-sig")
    return file


def defined(store: Store) -> int:
    return len(store.app.recorder.select_notifications(1, 1_000, topics=DEFINED))


def test_a_year_is_tried_out_then_made_then_unchanged(database: str, store: Store, tmp_path: Path) -> None:
    file = table(tmp_path, *year())

    tried = imported(database, file, "--dry-run")
    assert (tried.returncode, defined(store)) == (0, 0), tried.stderr
    assert tried.stdout.endswith(f"12 targets read from {file}: 12 would be made, 0 unchanged, 0 refused\n")

    made, again = imported(database, file), imported(database, file)
    assert made.stdout.endswith(": 12 made, 0 unchanged, 0 refused\n"), made.stderr
    assert again.stdout.endswith(": 0 made, 12 unchanged, 0 refused\n")
    assert defined(store) == 12


def test_what_is_wrong_is_said_with_its_line_column_and_rule(database: str, store: Store, tmp_path: Path) -> None:
    first, second, third, *_ = year()
    file = table(tmp_path, first, second.replace("Month 2", "Month\x1b 2 [red]"), third)

    shown, told = imported(database, file), imported(database, file, "--json")

    assert shown.returncode == 0
    assert shown.stdout.splitlines()[1].split()[:6] == ["3", "Month?", "2", "[red]", "name", "bad_name"]
    assert ": 2 made, 0 unchanged, 1 refused" in shown.stdout
    results = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(one["line"], one["result"]) for one in results] == [(2, "unchanged"), (3, "refused"), (4, "unchanged")]
    assert (results[1]["column"], results[1]["code"]) == ("name", "bad_name")


def test_a_table_of_which_nothing_can_be_taken_fails(database: str, tmp_path: Path) -> None:
    nothing, bad = table(tmp_path), tmp_path / "bad.csv"
    bad.write_text("name,gaol\nNovember,1\n")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("name\nNovember\n")

    for file, says in (
        (nothing, "holds no targets"),
        (bad, "there is no column 'gaol'"),
        (wrong, "not one target could be taken"),
        (tmp_path / "none.csv", "there is no file"),
        (tmp_path, "is a directory"),
    ):
        done = imported(database, file)
        assert done.returncode == 1
        assert says in done.stderr, file
        assert "Traceback" not in done.stderr
