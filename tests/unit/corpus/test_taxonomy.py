"""Taxonomy: the shipped file, the checks of a user's file, and the way to and from a manifest."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus.taxonomy import SCHEMES, Taxonomy
from slugline.errors import ConfigError

PLOVER = {
    "ACCUSE",
    "AGREE",
    "AID",
    "ASSAULT",
    "COERCE",
    "CONCEDE",
    "CONSULT",
    "COOPERATE",
    "MOBILIZE",
    "PROTEST",
    "REJECT",
    "REQUEST",
    "RETREAT",
    "SANCTION",
    "SUPPORT",
    "THREATEN",
}
ACLED = {
    "Battles": {"Government regains territory", "Non-state actor overtakes territory", "Armed clash"},
    "Protests": {"Excessive force against protesters", "Protest with intervention", "Peaceful protest"},
    "Riots": {"Violent demonstration", "Mob violence"},
    "Explosions/Remote violence": {
        "Chemical weapon",
        "Air/drone strike",
        "Suicide bomb",
        "Shelling/artillery/missile attack",
        "Remote explosive/landmine/IED",
        "Grenade",
    },
    "Violence against civilians": {"Sexual violence", "Attack", "Abduction/forced disappearance"},
    "Strategic developments": {
        "Agreement",
        "Arrests",
        "Change to group/activity",
        "Disrupted weapons use",
        "Headquarters or base established",
        "Looting/property destruction",
        "Non-violent transfer of territory",
        "Other",
    },
}
SMALL = """
[groups.Weather]
aliases = ["The weather"]
[groups.Sky]
[types.storm]
group = "Weather"
definition = "Strong wind."
"""


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return Taxonomy.load()


def write(folder: Path, text: str) -> Path:
    path = folder / "types.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_file_has_ten_groups_and_twenty_three_types(shipped):
    assert (len(shipped.groups), len(shipped.types)) == (10, 23)
    assert {kind.group for kind in shipped.types.values()} == set(shipped.groups)


def test_every_shipped_definition_is_one_to_three_sentences(shipped):
    for kind in shipped.types.values():
        assert 40 < len(kind.definition) < 400, kind.name
        assert kind.definition.endswith("."), kind.name
        assert "\n" not in kind.definition, kind.name


def test_neighbours_named_in_definitions_exist(shipped):
    for kind in shipped.types.values():
        for word in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", kind.definition):
            assert word in shipped.types, (kind.name, word)


def test_plover_codes_are_among_the_sixteen(shipped):
    assert {code for kind in shipped.types.values() for code in kind.plover} <= PLOVER


def test_acled_codes_exist_and_each_has_one_type(shipped):
    assert sum(map(len, ACLED.values())) == 25
    used = Counter(code for kind in shipped.types.values() for code in kind.acled)
    assert set(used.values()) == {1}
    for code in used:
        event, _, sub = code.partition(": ")
        assert event in ACLED
        assert not sub or sub in ACLED[event]
        assert not sub or event not in used, "the whole and a part of one event type would be two answers"


def test_iptc_codes_are_well_formed_and_each_has_one_type(shipped):
    topics = [topic for kind in shipped.types.values() for topic in kind.iptc]
    assert all(re.fullmatch(r"medtop:\d{8}", topic.code) and topic.name for topic in topics)
    assert len({topic.code for topic in topics}) == len(topics)
    assert all(kind.iptc for kind in shipped.types.values())


@pytest.mark.parametrize(
    ("label", "group"),
    [
        ("armed_conflict", "Armed conflicts and attacks"),
        ("Law and crime", "Law and crime"),
        ("LAW AND  CRIME", "Law and crime"),
        ("Attacks and armed conflicts", "Armed conflicts and attacks"),
        ("Disasters and incidents", "Disasters and accidents"),
        ("science_and_technology", "Science and technology"),
        ("Science and Technology", "Science and technology"),
        ("sport", "Sports"),
        ("none", None),
        ("", None),
        ("gardening", None),
    ],
)
def test_group_of(shipped, label, group):
    assert shipped.group_of(label) == group


def test_name_of_tells_a_type_from_the_group_that_reads_alike(shipped):
    assert shipped.name_of("Science_And_Technology") == "science_and_technology"
    assert shipped.name_of("science and technology") == "Science and technology"


def test_with_code(shipped):
    def found(scheme: str, code: str) -> list[str]:
        return [kind.name for kind in shipped.with_code(scheme, code)]

    assert found("plover", "assault") == ["armed_conflict", "attack"]
    assert found("acled", "Battles") == found("acled", "Battles: Armed clash") == ["armed_conflict"]
    assert found("acled", "Explosions/Remote violence: Suicide bomb") == ["attack"]
    assert found("acled", "Strategic developments: Other") == []
    assert found("iptc", "medtop:20000574") == ["election"]
    with pytest.raises(KeyError):
        shipped.with_code("cameo", "14")


def test_wcep_categories_are_groups(real_corpus, shipped):
    import gzip

    for corpus, file in (("wcep", "events.jsonl.gz"), ("wcep_linked", "events-2025.jsonl.gz")):
        with gzip.open(real_corpus(corpus) / file, "rt", encoding="utf-8") as lines:
            labels = {json.loads(line)["category"] for line in lines}
        assert {shipped.group_of(label) for label in labels} == set(shipped.groups)


def test_round_trip_through_json(shipped):
    again = Taxonomy.from_dict(json.loads(json.dumps(shipped.to_dict())))
    assert again == shipped
    assert list(again.types) == list(shipped.types)
    assert again.group_of("SPORT") == "Sports"


def test_a_users_file_replaces_the_shipped_one(tmp_path):
    mine = Taxonomy.load(write(tmp_path, SMALL))
    assert list(mine.groups) == ["Weather", "Sky"]
    assert mine.group_of("storm") == mine.group_of("the weather") == "Weather"
    assert "Sky" not in {kind.group for kind in mine.types.values()}
    assert mine.types["storm"].codes("iptc") == ()


def test_groups_alone_are_a_taxonomy(tmp_path):
    assert Taxonomy.load(write(tmp_path, "[groups.A]\n[groups.B]\n")).types == {}


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("", "groups", "no groups"),
        ("[types.a]\ngroup='G'\ndefinition='x'", "groups", "no groups"),
        ("[group.G]", None, "unknown table"),
        ("groups = 3", "groups", "not a table"),
        ("[groups]\nG = 3", "groups.G", "not a table"),
        ("[groups.G]\ncolour = 'red'", "groups.G", "unknown key"),
        ("[groups.G]\naliases = 'g'", "groups.G.aliases", "wrong type"),
        ("[groups.G]\n[types.a]\ndefinition='x'", "types.a.group", "missing group"),
        ("[groups.G]\n[types.a]\ngroup='H'\ndefinition='x'", "types.a.group", "unknown group"),
        ("[groups.G]\n[types.a]\ngroup='G'", "types.a.definition", "missing definition"),
        ("[groups.G]\n[types.a]\ngroup='G'\ndefinition=' '", "types.a.definition", "missing definition"),
        ("[groups.G]\n[types.a]\ngroup='G'\ndefinition=7", "types.a.definition", "wrong type"),
        ("[groups.G]\n[types.a]\ngroup='G'\ndefinition='x'\nplover='AID'", "types.a.plover", "wrong type"),
        ("[groups.G]\n[types.a]\ngroup='G'\ndefinition='x'\niptc=['medtop:1']", "types.a.iptc", "wrong type"),
        ("[groups.G]\n[types.a]\ngroup='G'\ndefinition='x'\ncameo=['1']", "types.a", "unknown key"),
        ("[groups.G]\n[types.g]\ngroup='G'\ndefinition='x'", "types.g", "name is taken by 'G'"),
        ("[groups.G]\n[groups.g]", "groups.g", "name is taken by 'G'"),
        ("[groups.G]\n[groups.H]\naliases=['G']", "groups.H", "name is taken by 'G'"),
        ("[groups.G]\n[types.none]\ngroup='G'\ndefinition='x'", "types.none", "reserved name"),
        ("[groups.' ']", "groups. ", "reserved name"),
    ],
)
def test_a_faulty_file_is_refused_naming_file_and_key(tmp_path, text, key, message):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        Taxonomy.load(path)
    assert caught.value.file == str(path)
    assert caught.value.field == key
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[groups.G", "[groups.G]\n[groups.G]", "[types.a]\n[types.a]"])
def test_broken_toml_and_types_given_twice_name_the_place(tmp_path, text):
    with pytest.raises(ConfigError, match=r"not valid TOML.* \(at "):
        Taxonomy.load(write(tmp_path, text))


def test_missing_and_binary_files(tmp_path):
    with pytest.raises(ConfigError, match="cannot read"):
        Taxonomy.load(tmp_path / "absent.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid TOML"):
        Taxonomy.load(tmp_path / "binary.toml")


names = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=8)


@given(st.dictionaries(names, st.text(max_size=20), min_size=1, max_size=5), st.data())
def test_whatever_is_accepted_survives_the_round_trip(groups, data):
    kinds = data.draw(st.dictionaries(names, st.sampled_from(sorted(groups)), max_size=5))
    tables = {
        "groups": {name: {"definition": text} for name, text in groups.items()},
        "types": {name: {"group": group, "definition": "d"} for name, group in kinds.items()},
    }
    try:
        made = Taxonomy.from_dict(tables)
    except ConfigError:
        taken = [name.casefold() for name in (*groups, *kinds)]
        assert len(set(taken)) < len(taken) or "none" in taken
        return
    assert Taxonomy.from_dict(made.to_dict()) == made
    assert all(made.group_of(name) == group for name, group in kinds.items())
    assert all(kind.codes(scheme) == () for kind in made.types.values() for scheme in SCHEMES)


def test_documentation_shows_every_type_as_it_is(shipped):
    lines = (Path(__file__).parents[3] / "docs" / "event-types.md").read_text(encoding="utf-8").splitlines()
    for kind in shipped.types.values():
        codes = (*kind.plover, *kind.acled, *(f"{topic.code} {topic.name}" for topic in kind.iptc))
        rows = [line for line in lines if line.startswith(f"| `{kind.name}` | {kind.definition} |")]
        assert len(rows) == 1, kind.name
        assert all(code in rows[0] for code in codes), kind.name


def test_the_documented_example_is_a_taxonomy(tmp_path):
    text = (Path(__file__).parents[3] / "docs" / "event-types.md").read_text(encoding="utf-8")
    example = next(one for one in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "[groups" in one)
    mine = Taxonomy.load(write(tmp_path, example))
    assert mine.group_of("planning") == mine.group_of("city hall") == "Town hall"
    assert mine.types["planning"].iptc[0].name == "housing and urban planning policy"
