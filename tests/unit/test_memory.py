"""Sizes of memory as people write them."""

import pytest

from slugline.config import Config
from slugline.errors import ConfigError
from slugline.memory import parse_size, show_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("2G", 2 << 30), ("500M", 500 << 20), ("1.5 GiB", 3 << 29), ("64kb", 64 << 10), ("1t", 1 << 40), ("4096", 4096)],
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "G", "-1G", "2 gigs", "2X", "0", "1e9"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ConfigError, match=r"learn\.memory"):
        parse_size(text, field="learn.memory")


def test_sizes_are_shown_as_they_are_read():
    assert parse_size(show_size(10_000_001)) >= 10_000_001


def test_the_configuration_refuses_what_is_no_size():
    with pytest.raises(ConfigError, match="not a size of memory"):
        Config.from_dict({"learn": {"memory": "much"}})
