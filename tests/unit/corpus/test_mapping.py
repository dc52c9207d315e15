"""Labels of other people's corpora as types and groups of the taxonomy."""

from __future__ import annotations

from pathlib import Path

import pytest

from slugline.article import NONE, Labels
from slugline.config import CorpusConfig
from slugline.corpus.load import load_corpus
from slugline.corpus.mapping import load_map, map_labels
from slugline.corpus.taxonomy import SCHEMES, Taxonomy
from slugline.errors import ConfigError, CorpusError

ROWS = "id,text,event_type\n1,one word,ASSAULT\n2,two words,coerce\n3,three words,REJECT\n4,four words,none\n5,five,\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("scheme", "label", "target"),
    [
        ("plover", "PROTEST", "protest"),
        ("plover", "assault", "Armed conflicts and attacks"),
        ("plover", "REJECT", None),
        ("acled", "Battles", "armed_conflict"),
        ("acled", "battles:  armed clash", "armed_conflict"),
        ("acled", "Mob violence", "protest"),
        ("acled", "Explosions/Remote violence", "Armed conflicts and attacks"),
        ("acled", "Explosions/Remote violence: Grenade", "attack"),
        ("acled", "Strategic developments", None),
        ("iptc", "medtop:20000574", "election"),
        ("iptc", "20000574", "election"),
        ("iptc", "Election", "election"),
        ("iptc", "medtop:11000000", "Politics and elections"),
        ("iptc", "religion", None),
        ("taxonomy", "Attacks and armed conflicts", "Armed conflicts and attacks"),
        ("taxonomy", "SPORT", "sport"),
        ("taxonomy", "ASSAULT", None),
    ],
)
def test_labels_of_code_books(scheme: str, label: str, target: str | None) -> None:
    assert load_map(scheme).target(label) == target


def test_none_stays_none_in_every_map() -> None:
    assert {load_map(name).target("None") for name in (*SCHEMES, "taxonomy")} == {NONE}


def test_every_code_of_the_shipped_types_leads_to_its_type_or_group_or_is_ambiguous() -> None:
    """No code may lead to a group to which none of its types belongs."""
    taxonomy = Taxonomy.load()
    for scheme in SCHEMES:
        known = load_map(scheme)
        for kind in taxonomy.types.values():
            for code in kind.codes(scheme):
                target = known.target(code)
                groups = {other.group for other in taxonomy.with_code(scheme, code)}
                assert target is None or taxonomy.group_of(target) in groups, (scheme, code)
                assert target is not None or len(groups) > 1, (scheme, code)


def test_a_table_of_the_users_in_the_terms_of_the_shipped_types(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text('[map]\n"Unfall" = "accident"\n"Politik" = "politics and elections"\n"Rest" = "none"\n')
    known = load_map(str(file))
    assert [known.target(label) for label in ("UNFALL", "Politik", "Rest", "accident", "Wetter")] == [
        "accident",
        "Politics and elections",
        NONE,
        "accident",
        None,
    ]


def test_a_taxonomy_of_the_users_brings_its_own_names_and_map(tmp_path: Path) -> None:
    file = tmp_path / "types.toml"
    file.write_text(
        '[groups."Town hall"]\n[types.planning]\ngroup = "Town hall"\ndefinition = "d"\naliases = ["permits"]\n'
        '[map]\n"Bau" = "planning"\n[map.plover]\nREQUEST = "planning"\n'
    )
    known = load_map(str(file))
    assert [known.target(label) for label in ("bau", "Permits", "town hall", "accident")] == [
        "planning",
        "planning",
        "Town hall",
        None,
    ]
    assert load_map("plover", file).target("REQUEST") == "planning"
    assert Taxonomy.from_dict(Taxonomy.load(file).to_dict()) == Taxonomy.load(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[map]\nA = "no_such_type"\n', "map.A"),
        ("[map]\nA = 1\n", "map.A"),
        ('[map]\nA = "trial"\na = "crime"\n', "two meanings"),
        ("map = 1\n", "map"),
        ('[map.plover]\nA = "nothing"\n', "map.plover.A"),
        ("[other]\n", "[map]"),
    ],
)
def test_faulty_maps_are_told(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "map.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_map(str(file))
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_no_such_map() -> None:
    with pytest.raises(ConfigError, match="plover, acled, iptc, taxonomy"):
        load_map("plovr")


def test_unknown_labels_are_counted_and_not_annotated() -> None:
    labels = [Labels(None, "REJECT"), Labels(frozenset({"a"}), "REJECT"), Labels(None, "AID"), Labels()]
    mapped, unknown = map_labels(labels, load_map("plover"))
    assert unknown == {"REJECT": 2}
    assert mapped == [Labels(), Labels(frozenset({"a"})), Labels(None, "displacement_and_aid"), Labels()]


def test_a_corpus_is_read_with_a_map(table: Path) -> None:
    plain = load_corpus(CorpusConfig(str(table)))
    mapped = load_corpus(CorpusConfig(str(table), map="plover"))
    assert [one.event_type for one in plain.labels] == ["ASSAULT", "coerce", "REJECT", NONE, None]
    assert [one.event_type for one in mapped.labels] == ["Armed conflicts and attacks", "repression", None, NONE, None]
    assert (plain.unmapped, mapped.unmapped) == ((), (("REJECT", 1),))
    assert plain.digest != mapped.digest
    with pytest.raises(CorpusError, match="REJECT"):
        load_corpus(CorpusConfig(str(table), map="plover", map_strict=True))
