from __future__ import annotations

import pytest

from slugline.corpus.tags import spellings
from slugline.corpus.variants import accented, joined, plurals, shown


def test_spellings_count_and_the_most_frequent_is_shown() -> None:
    found = spellings(["Oil", "#oil", "oil", "Gas", "—", ""])
    assert sorted(found) == ["gas", "oil"]
    assert shown("oil", found) == "'oil' (3)"


@pytest.mark.parametrize(
    ("keys", "pairs"),
    [
        (["rebel", "rebels"], [("rebel", "rebels")]),
        (["country", "countries"], [("country", "countries")]),
        (["church", "churches"], [("church", "churches")]),
        (["volcano", "volcanoes"], [("volcano", "volcanoes")]),
        (["us", "uss", "boss", "bo"], []),
        (["woman", "women"], []),
    ],
)
def test_plurals(keys: list[str], pairs: list[tuple[str, str]]) -> None:
    assert plurals(keys) == pairs


def test_joined_and_accented() -> None:
    assert joined(["g 20", "g20", "g 2 0", "+", "-"]) == [("g 2 0", "g 20", "g20")]
    assert accented(["perú", "peru", "chile"]) == [("peru", "perú")]
