"""The README takes a stranger to an exact figure: its commands are run as they stand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.system.product import Product, eventually

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```bash\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def checkout(hurt: Product, tmp_path: Path) -> Path:
    """A place like a fresh checkout in which `milemarker up` runs."""
    (tmp_path / ".venv").symlink_to(Path(shutil.which("milemarker", path=str(ROOT / ".venv/bin")) or "").parents[1])
    (tmp_path / ".milemarker").symlink_to(hurt.directory)
    return tmp_path


def test_every_command_of_the_ten_minute_tour_works_as_it_stands(hurt: Product, checkout: Path) -> None:
    script = "set -euo pipefail\n" + "".join(f"echo '#### {number}'\n{block}" for number, block in enumerate(BLOCKS))
    ran = subprocess.run(
        ["bash", "-c", script], cwd=checkout, env=hurt.environment, capture_output=True, text=True, timeout=120
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(BLOCKS) >= 8
    said = ran.stdout.replace(" ", "")
    for expected in (
        '"actual":"500.00"',
        '"status":"attained"',
        '"accepted":3',
        "amount_not_text",
        '"status":"off_track"',
        "milestone.achieved",
        "target.attainment_lost",
        "allfiguresagree",
    ):
        assert expected in said, f"{expected} is not in {ran.stdout}"
    # A percentage is taken of what it is compared with once that is frozen, a moment after the start.
    listed = eventually(
        lambda: hurt.api.get("/v1/targets").json()["items"], lambda items: all(one["goal"] for one in items)
    )
    targets = {one["name"]: one for one in listed}
    target = targets["Revenue of the year"]
    assert (target["actual"], target["status"]) == ("300.50", "off_track")
    assert (target["goal"], target["original_goal"]) == ("600.00", "500.00")
    assert targets["A tenth more than last year"]["goal"] == "1.25"
    inbox = hurt.api.get("/v1/inbox", params={"recipient": "ana@example.com"}).json()["items"]
    lines = [one["message"]["line"] for one in inbox]
    assert lines[0].startswith("Revenue of the year is off track: $300.01 of $500.00 expected by ")
    assert lines[1:] == [
        "Revenue of the year is not attained any more: $300.01 of $500.00",
        "Half of it (Revenue of the year) is achieved",
        "Revenue of the year is attained: $500.00 of $500.00",
    ]


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"milemarker ([a-z]+)", (ROOT / "README.md").read_text()))
    known = subprocess.run(
        [str(ROOT / ".venv/bin/milemarker"), "--help"], capture_output=True, text=True, check=True
    ).stdout

    assert [name for name in sorted(named - {"up"}) if name not in known] == []
