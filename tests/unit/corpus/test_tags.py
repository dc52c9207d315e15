from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slugline.article import Labels
from slugline.corpus.tags import TagNames, load_aliases, normalise_tags, tag_key, tidy_tag
from slugline.errors import ConfigError

TAG = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=8),
    st.sampled_from(
        ["Syria", "syria", "#Syria", "Middle East", "middle-east", "U.S.", "US", "C", "C#", "!!!", "", "“Syria”"]
    ),
    st.lists(st.sampled_from([*"#.,'\"“”-_ aAéẞİ&;+ǰ\u0345"]), max_size=8).map("".join),
)
LABELS = st.builds(
    Labels, st.one_of(st.none(), st.frozensets(TAG, max_size=4)), st.sampled_from([None, "none", "crime"])
)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Syrian rebels", "syrian-rebels", "Syrian Rebels", "#Syrian_Rebels", " syrian  rebels, ", "“Syrian rebels”"),
        ("U.S.", "US", "us", "ＵＳ", "U.S"),
        ("COVID-19", "covid 19", "Covid\u201119"),
        ("People's Party", "People’s party"),
        ("R&D", "R&amp;D"),
        ("Straße", "STRASSE"),
        ("São Paulo", "SÃ£o Paulo", "Sa\u0303o Paulo"),
    ],
)
def test_spellings_of_one_tag(spellings: tuple[str, ...]) -> None:
    assert len({tag_key(spelling) for spelling in spellings}) == 1


def test_what_is_distinct_stays_distinct() -> None:
    tags = [
        "C",
        "C#",
        "C++",
        "Rebel",
        "Rebels",
        "G20",
        "G-20",
        "Peru",
        "Perú",
        "Arts & culture",
        "Arts and culture",
        "!!!",
        "?",
    ]
    assert len({tag_key(tag) for tag in tags}) == len(tags)


@given(TAG)
@example("#\"#'Syria")
@example("İ")
def test_keys_and_tidying_are_idempotent(tag: str) -> None:
    assert tag_key(tag_key(tag)) == tag_key(tag)
    assert tidy_tag(tidy_tag(tag)) == tidy_tag(tag)
    assert tag_key(tidy_tag(tag)) == tag_key(tag)


def test_the_most_frequent_spelling_wins_and_ties_go_by_sort() -> None:
    spellings = ["middle-east", "Middle East", "Middle East", "middle east", "oil", "Oil", "C#"]
    named = normalise_tags([Labels(frozenset({tag})) for tag in spellings])
    assert [sorted(one.tags or ()) for one in named] == [["Middle East"]] * 4 + [["Oil"]] * 2 + [["C#"]]


def test_what_has_nothing_to_say_is_dropped_and_not_annotated_stays() -> None:
    given_labels = [Labels(None, "crime"), Labels(frozenset(), None), Labels(frozenset({"—", " ", "Oil"}), "none")]
    assert normalise_tags(given_labels) == [
        Labels(None, "crime"),
        Labels(frozenset()),
        Labels(frozenset({"Oil"}), "none"),
    ]


@given(st.lists(LABELS, max_size=8), st.randoms(use_true_random=False))
def test_normalising_is_idempotent_and_independent_of_order(labels: list[Labels], rng: random.Random) -> None:
    aliases = {tag_key("syria"): "Syria (state)", tag_key("Syria (state)"): "Syria (state)"}
    once = normalise_tags(labels, aliases)
    assert normalise_tags(once, aliases) == once
    order = list(range(len(labels)))
    rng.shuffle(order)
    assert normalise_tags([labels[i] for i in order], aliases) == [once[i] for i in order]
    keys = [tag_key(tag) for tag in {tag for one in once for tag in one.tags or ()}]
    assert len(keys) == len(set(keys))
    assert [one.event_type for one in once] == [one.event_type for one in labels]


def test_a_tag_not_seen_before_is_tidied() -> None:
    names = TagNames(["Syria", "Syria", "syria"])
    assert names.name("SYRIA") == "Syria"
    assert names.name(" #Iran,") == "Iran"
    assert names.name("–") is None


def write(folder: Path, text: str) -> Path:
    path = folder / "aliases.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_aliases_win_over_frequency(tmp_path: Path) -> None:
    aliases = load_aliases(write(tmp_path, '[aliases]\n"DR Congo" = ["Democratic Republic of Congo", "dr-congo"]\n'))
    tags = ["Democratic Republic of Congo", "democratic-republic of Congo", "DR congo", "Congo"]
    named = normalise_tags([Labels(frozenset({tag})) for tag in tags], aliases)
    assert [sorted(one.tags or ()) for one in named] == [["DR Congo"]] * 3 + [["Congo"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[aliases]\n"A" = ["B"]\n"B" = ["C"]\n', "alias 'B' has aliases of its own"),
        ('[aliases]\n"A" = ["B"]\n"b" = ["a"]\n', "has aliases of its own"),
        ('[aliases]\n"A" = ["X"]\n"B" = ["x"]\n', "alias 'x' is already an alias of 'A'"),
        ('[aliases]\n"A b" = []\n"a-B" = []\n', "canonical twice"),
        ('[aliases]\n"A" = "B"\n', "expected a list of tags"),
        ('[aliases]\n"A" = [1]\n', "expected a list of tags"),
        ('[aliases]\n"A" = [" "]\n', "expected a list of tags"),
        ('[aliases]\n" A" = ["B"]\n', "not a tag"),
        ('[other]\n"A" = ["B"]\n', "expected one table [aliases]"),
        ("aliases = 3\n", "expected one table [aliases]"),
        ("[aliases\n", "not valid TOML"),
    ],
)
def test_a_broken_alias_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_aliases(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_alias_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml: cannot read"):
        load_aliases(tmp_path / "gone.toml")
