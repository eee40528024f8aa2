"""`login` and what `up` says: links that sign a browser in."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.login_links import read_address, welcome
from deploy.own_command import own_command
from deploy.trouble import Trouble
from tests.system.product import Product, eventually

pytestmark = pytest.mark.xdist_group("up")


def test_up_says_how_to_sign_in(machine: Product) -> None:
    said = eventually(machine.output, lambda said: "Ctrl-C stops everything" in said)

    assert f"In your browser: {machine.endpoints['http']}/login/" in said
    assert "works once, within 15 minutes" in said


def test_a_link_signs_in_as_the_admin_of_this_machine(machine: Product) -> None:
    link = machine.command("login").stdout.strip()

    with httpx.Client(base_url=machine.endpoints["http"]) as browser:
        answer = browser.get(link)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert browser.get("/v1/events").status_code == 200
        assert browser.get(link).status_code == 410


def test_a_link_signs_in_as_another_key_at_another_address(machine: Product) -> None:
    made = machine.command("keys", "create", "--role", "subscriber", "--name", "jo@example.com")
    key_id = made.stdout.split("_")[1]

    link = machine.command("login", "--key", key_id, "--url", "https://mm.example.com/").stdout.strip()

    address, _, path = link.partition("/login/")
    assert address == "https://mm.example.com"
    with httpx.Client(base_url=machine.endpoints["http"]) as browser:
        browser.get(f"/login/{path}")
        assert browser.get("/v1/targets").status_code == 200
        assert browser.get("/v1/events").status_code == 403


def test_what_a_link_can_not_be_made_for_is_said(machine: Product, tmp_path: Path) -> None:
    stranger = machine.command("login", "--key", "0123", check=False)
    assert stranger.returncode == 1
    assert "there is no key 0123, or it is revoked" in stranger.stderr

    told = welcome(tmp_path, machine.endpoints["http"], datetime.now(UTC))
    assert told.startswith(f"`{own_command()} login --data {tmp_path} --key ID` prints a link")


def test_links_lead_to_where_a_browser_can_go() -> None:
    assert read_address("https://mm.example.com:8443/sales/") == "https://mm.example.com:8443/sales"
    for nonsense in ("nonsense", "mm.example.com", "ftp://mm.example.com", "http://", "http://a:b", "https://a/?b=c"):
        with pytest.raises(Trouble, match="--url is where browsers reach Milemarker, such as https://"):
            read_address(nonsense)
