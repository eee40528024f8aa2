"""What names a message of the stream, whatever server or domain it comes from."""

import pytest

from workers.deliveries import name_in_stream


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.SALES.ingest.1.42.7.1795197600123456789.9",
        "$JS.ACK.hub.AbCd12.SALES.ingest.1.42.7.1795197600123456789.9",
        "$JS.ACK.hub.AbCd12.SALES.ingest.1.42.7.1795197600123456789.9.x3Yz",
    ],
    ids=["older servers", "with a domain", "with a random end"],
)
def test_a_message_is_named_by_its_place_in_the_stream_and_its_microsecond(reply: str) -> None:
    assert name_in_stream(reply) == "SALES.42.1795197600123456"


def test_a_message_delivered_again_keeps_its_name() -> None:
    first = name_in_stream("$JS.ACK.SALES.ingest.1.42.7.1795197600123456789.9")

    again = name_in_stream("$JS.ACK.SALES.ingest.2.42.99.1795197600123456789.0")

    assert again == first
