"""`load`: every kind of file, every line accounted for, cut off and gone on with."""

import contextlib
import gzip
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from deploy.load_progress import LoadProgress
from deploy.sales_file import PART_SALES_MAX, Part, SalesFile
from deploy.trouble import Trouble
from domain.refusal import Refused
from tests.system.product import Product, eventually
from tests.words import sale
from workers.subjects import MESSAGE_BYTES_MAX

pytestmark = pytest.mark.xdist_group("up")


# Reading


def test_a_csv_file_is_sales_with_dimensions_and_without_its_empty_cells(tmp_path: Path) -> None:
    file = write(
        tmp_path / "sales.csv",
        "source,id,amount,dimensions.region,kind",
        "webshop,1,10.00,emea,",
        'webshop,2,"1,5",,refund',
    )

    (part,) = SalesFile(file).parts()

    assert [json.loads(one) for one in part.sales] == [
        {"source": "webshop", "id": "1", "amount": "10.00", "dimensions": {"region": "emea"}},
        {"source": "webshop", "id": "2", "amount": "1,5", "kind": "refund"},
    ]
    assert [line.number for line in part.lines] == [2, 3]


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_a_csv_file_may_come_from_a_spreadsheet(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "sales.csv"
    file.write_bytes(b"\xef\xbb\xbf" + f"id{delimiter}amount\r\n7{delimiter}1.50\r\n".encode())

    (part,) = SalesFile(file, source="till").parts()

    assert [json.loads(one) for one in part.sales] == [{"source": "till", "id": "7", "amount": "1.50"}]


def test_lines_that_can_not_be_read_are_refused_and_swallow_nothing(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_bytes(b'id,amount\n"1,10.00\n2,\xff\n3,1.00,more\n\n4,2.00\n')

    (part,) = SalesFile(file).parts()

    assert [json.loads(one)["id"] for one in part.sales] == ["4"]
    assert [(line.number, refused.code) for line, refused in part.unread] == [
        (2, "malformed_csv"),
        (3, "not_utf8"),
        (4, "malformed_csv"),
    ]


@pytest.mark.parametrize(
    ("header", "what"), [("id,price", "'price' is no field of a sale"), ("id,amount,id", "a column stands there twice")]
)
def test_a_csv_file_with_a_wrong_header_is_not_begun(tmp_path: Path, header: str, what: str) -> None:
    with pytest.raises(Trouble, match=what):
        next(SalesFile(write(tmp_path / "sales.csv", header, "1,2")).parts())


def test_a_json_array_is_told_what_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="one sale a line"):
        next(SalesFile(write(tmp_path / "sales.json", "[", "{}", "]")).parts())


def test_a_damaged_gzip_file_gives_what_stands_before_the_damage(tmp_path: Path) -> None:
    file = tmp_path / "sales.ndjson.gz"
    file.write_bytes(gzip.compress(b"".join(b'{"id": "%d"}\n' % number for number in range(100_000)))[:-1_000])
    parts = SalesFile(file).parts()

    assert len(next(parts).lines) == PART_SALES_MAX
    with pytest.raises(Trouble, match="is damaged after line"):
        list(parts)


def test_parts_stay_below_the_limit_of_a_message_and_an_endless_line_is_refused(tmp_path: Path) -> None:
    long = "x" * 200_000
    file = write(tmp_path / "long.ndjson", *(f'{{"id": "{long}"}}' for _ in range(4)), "{" + long * 4, '{"id": "5"}')

    parts = list(SalesFile(file).parts())

    assert [len(part.lines) for part in parts] == [2, 3]
    assert all(len(part.body) <= MESSAGE_BYTES_MAX for part in parts)
    assert [(line.number, refused.code) for line, refused in parts[-1].unread] == [(5, "too_large")]


@pytest.mark.parametrize("name", ["sales.ndjson", "sales.ndjson.gz", "sales.csv"])
def test_a_file_can_be_gone_on_with_after_every_part(tmp_path: Path, name: str) -> None:
    lines = (
        [f'{{"id": "{number}"}}' for number in range(1_700)]
        if "json" in name
        else ["id", *(str(number) for number in range(1_700))]
    )
    file = write(tmp_path / name, *lines)
    whole = list(SalesFile(file).parts())
    assert [len(part.lines) for part in whole] == [500, 500, 500, 200]

    for done, part in enumerate(whole, 1):
        rest = SalesFile(file).parts(*part.end)
        assert sales_in(rest) == sales_in(iter(whole[done:]))


def test_what_a_killed_load_wrote_down_beyond_its_tally_is_not_there_twice(tmp_path: Path) -> None:
    file = write(tmp_path / "sales.ndjson", "{}")
    cut_off = LoadProgress(tmp_path, file, None)
    cut_off.open()
    cut_off.refuse(1, b"{}", Refused("a", "b"), {})
    cut_off.tally.offset = 3
    cut_off.keep()
    cut_off.refuse(2, b"{}", Refused("c", "d"), {})
    with pytest.raises(Trouble, match="loaded by another process"):
        LoadProgress(tmp_path, file, None).open()
    cut_off._lock.release()

    again = LoadProgress(tmp_path, file, None)

    assert again.open()
    assert (again.tally.offset, again.tally.refused) == (3, 1)
    assert [json.loads(line)["line"] for line in again.refused_file.read_bytes().splitlines()] == [1]
    again.finish()


# Loading


def test_a_load_ends_when_all_are_committed_and_a_second_one_finds_duplicates(machine: Product, tmp_path: Path) -> None:
    file = write_sales(tmp_path / "twice.ndjson.gz", "twice", 1_200)

    assert "1,200 accepted, 0 duplicates, 0 refused" in machine.command("load", str(file)).stdout
    assert recorded(machine, "twice") == 1_200
    assert "0 accepted, 1,200 duplicates, 0 refused" in machine.command("load", str(file)).stdout


def test_what_is_refused_is_written_down_with_line_and_reason(machine: Product, tmp_path: Path) -> None:
    file = write(
        tmp_path / "some.ndjson",
        json.dumps(sale("good-1")),
        '{"source": "webshop", "id": "torn',
        json.dumps(sale("bad-1", amount="ten")),
        json.dumps(sale("good-2")),
    )

    said = machine.command("load", str(file)).stdout

    assert "2 accepted, 0 duplicates, 2 refused" in said
    refused_file = machine.directory / "loads" / "some.ndjson.refused.ndjson"
    assert str(refused_file) in said
    refused = [json.loads(line) for line in refused_file.read_text().splitlines()]
    assert [(one["line"], one["code"]) for one in refused] == [(2, "malformed_json"), (3, "amount_not_decimal")]
    assert refused[1]["id"] == "bad-1"
    assert refused[1]["original"] == json.dumps(sale("bad-1", amount="ten"))


def test_a_file_without_one_good_sale_fails(machine: Product, tmp_path: Path) -> None:
    bad = machine.command("load", str(write(tmp_path / "bad.ndjson", "{}")), check=False)
    empty = machine.command("load", str(write(tmp_path / "empty.csv")), check=False)

    assert (bad.returncode, empty.returncode) == (1, 1)
    assert "not one sale could be taken" in bad.stderr
    assert "holds no sales" in empty.stderr


def test_a_load_that_was_killed_goes_on_where_it_was(machine: Product, tmp_path: Path) -> None:
    file = write_sales(tmp_path / "killed.ndjson", "killed", 40_000)
    loading = machine.starting("load", str(file))
    eventually(lambda: kept(machine, "killed"), bool)

    loading.kill()
    loading.wait()
    before = recorded(machine, "killed")
    said = machine.command("load", str(file)).stdout

    assert before < 40_000, "it was over before it was killed"
    assert "Going on after line" in said
    assert "40,000 sales read" in said
    assert recorded(machine, "killed") == 40_000
    assert not list((machine.directory / "loads").glob("killed*"))


def test_ctrl_c_ends_a_load_with_a_sentence(machine: Product, tmp_path: Path) -> None:
    file = write_sales(tmp_path / "stopped.ndjson", "stopped", 100_000)
    loading = machine.starting("load", str(file))
    eventually(lambda: kept(machine, "stopped"), bool)

    loading.send_signal(signal.SIGINT)

    assert loading.wait(10) == 1
    assert kept(machine, "stopped")


def test_a_load_outlives_the_death_of_ingest_and_of_both_servers(machine: Product, tmp_path: Path) -> None:
    file = write_sales(tmp_path / "deaths.ndjson", "deaths", 60_000)
    loading = machine.starting("load", str(file))

    for victim in (("milemarker", "worker"), ("bin/nats-server", "--config"), ("bin/postgres", "-D")):
        count = recorded(machine, "deaths")
        eventually(lambda: recorded(machine, "deaths"), lambda now, before=count: now > before)  # type: ignore[misc]
        for process in machine.processes(*victim):
            # What an earlier death has taken along meanwhile is dead enough.
            with contextlib.suppress(psutil.NoSuchProcess):
                if not any("keeper.py" in word for word in process.cmdline()):
                    process.kill()
        time.sleep(0.3)

    assert loading.wait(60) == 0
    assert recorded(machine, "deaths") == 60_000


def write(file: Path, *lines: str) -> Path:
    content = "".join(f"{line}\n" for line in lines).encode()
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
    return file


def write_sales(file: Path, source: str, count: int) -> Path:
    return write(file, *(json.dumps(sale(str(number), source=source)) for number in range(count)))


def sales_in(parts: Iterator[Part]) -> list[tuple[int, bytes]]:
    return [(line.number, one) for part in parts for line, one in zip(part.lines, part.sales, strict=True)]


def kept(product: Product, name: str) -> list[Path]:
    """How far a load has got, if it is under way or was cut off."""
    return list((product.directory / "loads").glob(f"{name}*.json"))


def recorded(product: Product, source: str) -> int:
    """How many sales of a source are in the log; a database that is just away is asked again."""
    for _ in range(200):
        try:
            with psycopg.connect(product.endpoints["database"]) as connection:
                statement = "SELECT count(*) FROM sale_identities WHERE source = %s"
                found: tuple[Any, ...] | None = connection.execute(statement, (source,)).fetchone()
                assert found is not None
                return int(found[0])
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("the database does not come back")
