"""A configuration is read back as it was written, and what is wrong with one is said in one line."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.config import Config, ViewConfig, load_config, replace, replace_all
from slugline.errors import ConfigError
from support import ROOT

NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(
    NAMES,
    st.dictionaries(NAMES, NAMES, max_size=3),
    st.none() | st.lists(NAMES, max_size=3).map(tuple),
    st.floats(0.01, 0.9),
    st.integers(0, 2**31 - 1),
    st.lists(st.sampled_from(["headline", "lead", "b-2"]), unique=True),
)
def test_toml_and_tables_round_trip(tmp_path_factory, name, fields, families, held_out, seed, views):
    config = replace(Config(), "corpus", name=name, fields=fields, families=families)
    config = replace(config, "split", held_out=held_out, seed=seed)
    config = replace(config, "features", views=(ViewConfig(), *(ViewConfig(view, weight=held_out) for view in views)))
    file = tmp_path_factory.mktemp("config") / "run.toml"
    file.write_text(config.to_toml(), encoding="utf-8")
    assert load_config(file) == config
    assert Config.from_dict(config.to_dict()) == config


BAD = {
    "[fatures]": ("fatures", "features"),
    "[[features.views]]\nngram = 2": ("features.views[0]", "'ngram'", "ngram_max"),
    "[features]\nmin_df = 2": ("features", "'min_df'", "views"),
    "[features]\nviews = []": ("features.views", "at least one table"),
    "[features]\nviews = {}": ("features.views", "a list of tables"),
    "[features]\nviews = [1]": ("features.views", "a list of tables"),
    "[[features.views]]\nmin_df = '2'": ("features.views[0].min_df", "'2'", "a whole number"),
    "[[features.views]]\n[[features.views]]\nname = 'b'\nmin_df = true": ("features.views[1].min_df", "True"),
    "[[features.views]]\n[[features.views]]\nname = 'b'\nweight = 0": ("features.views[1].weight", "1e-06"),
    "[[features.views]]\n[[features.views]]": ("features.views[1].name", "two views", "'words'"),
    "[[features.views]]\nname = 'a:b'": ("features.views[0].name", "'a:b'"),
    "[[features.views]]\npart = 'footnote'": ("features.views[0].part", "'footnote'", "headline"),
    "[[features.views]]\nunit = 'line'": ("features.views[0].unit", "char"),
    "[corpus]\nfamilies = 'topics'": ("corpus.families", "a list of strings"),
    "[split]\nmethod = 'by-hand'": ("split.method", "'by-hand'", "temporal"),
    "[split]\nheld_out = 1.5": ("split.held_out", "1.5", "0.01 to 0.9"),
    "[[features.views]]\nngram_min = 3\nngram_max = 2": ("features.views[0].ngram_max", "at least ngram_min"),
    "features = 2": ("features", "[features]"),
    "[features]\nmin_df == 2": ("not valid TOML", "line 2"),
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_is_said(text, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    said = str(caught.value)
    assert said.startswith(str(file))
    assert "\n" not in said
    for part in BAD[text]:
        assert part in said


def test_replacing_leaves_what_was_not_said():
    config = replace(Config(), "tags", C=2.0, estimator=None)
    assert (config.tags.C, config.tags.estimator) == (2.0, Config().tags.estimator)
    assert config.features == Config().features


def test_sources_are_tables_of_their_own_and_come_back_from_toml(tmp_path):
    sources = [{"name": "starter"}, {"name": "wcep", "families": [], "map": "plover", "fields": {"id": "key"}}]
    config = Config.from_dict({"corpus": {"name": "both", "sources": sources}})
    assert [source.name for source in config.corpus.sources] == ["starter", "wcep"]
    assert config.corpus.sources[1].families == ()
    (tmp_path / "both.toml").write_text(config.to_toml(), encoding="utf-8")
    assert load_config(tmp_path / "both.toml") == config == Config.from_dict(config.to_dict())


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (["starter"], "a list of tables"),
        ([{"nam": "starter"}], "corpus.sources[0]"),
        ([{"name": 1}], "corpus.sources[0].name"),
        ([{"name": "x", "sources": [{"name": "y"}]}], "sources of its own"),
    ],
)
def test_faulty_sources_are_told(sources, said):
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({"corpus": {"sources": sources}}, file="c.toml")
    assert said in str(caught.value)
    assert "c.toml" in str(caught.value)


def test_the_documented_views_are_a_configuration():
    page = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    views = Config.from_dict(tomllib.loads(example)).features.views
    assert [view.name for view in views] == ["words", "headline", "letters"]
    assert views[0] == ViewConfig()
    for key in ViewConfig.__slots__:
        assert f"`{key}`" in page


def test_values_of_several_tables_are_checked_together():
    config = replace(Config(), "tags", label_set="both-sides")
    changed = replace_all(config, {"split": {"method": "none", "seed": None}, "tags": {"label_set": "trained"}})
    assert (changed.split.method, changed.split.seed, changed.tags.label_set) == ("none", config.split.seed, "trained")
    back = replace_all(changed, {"split": {"method": "random"}, "tags": {"label_set": "both-sides"}})
    assert back.tags.label_set == "both-sides"
    with pytest.raises(ConfigError, match="both-sides needs a held-out part"):
        replace_all(back, {"split": {"method": "none"}})
