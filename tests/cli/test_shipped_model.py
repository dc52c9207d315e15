"""The model that comes with Slugline: it opens, it is used by default, it is small, and its card says what it is."""

from __future__ import annotations

import json
import runpy

import pytest

from slugline.bundle import read_bundle
from slugline.config import Config, load_config
from slugline.experiment.card import model_card
from slugline.predict import Predictor
from support import ROOT, SAMPLE, slugline

MODEL = ROOT / "data" / "models" / "news-en.safetensors"
RECIPE = ROOT / "experiments" / "configs" / "news-en.toml"

shipped = pytest.mark.skipif(not MODEL.exists(), reason="the shipped model is not in data/models yet")


def test_the_recipe_is_read_and_spells_out_every_value():
    config = load_config(RECIPE)
    assert [source.name for source in config.corpus.sources] == ["starter", "wcep", "wcep_linked"]
    assert Config.from_dict(config.to_dict()) == config
    assert config.split.train_before is not None


@shipped
def test_it_opens_and_passes_its_self_test():
    predictor = Predictor.load(MODEL)
    predictor.bundle.verify()
    assert len(predictor.bundle.event_type.labels) == 23
    assert len(predictor.bundle.event_group.labels) == 10
    assert len(predictor.bundle.tags.labels) > 100


@shipped
def test_it_was_made_by_the_recipe():
    assert Config.from_dict(read_bundle(MODEL).manifest.config) == load_config(RECIPE)


@shipped
def test_it_is_small_enough():
    largest = runpy.run_path(str(ROOT / "experiments" / "news_en.py"))["LARGEST"]
    assert largest <= 12_000_000
    assert MODEL.stat().st_size <= largest


@shipped
def test_its_card_says_what_the_file_says():
    notes = RECIPE.with_suffix(".md").read_text(encoding="utf-8")
    bundle = read_bundle(MODEL)
    card = MODEL.with_suffix(".md").read_text(encoding="utf-8")
    assert card == model_card(bundle, name="news-en", notes=notes)
    accuracy = bundle.manifest.metrics["event_group"]["accuracy"]
    assert f"| {accuracy['value']:.3f} | {accuracy['low']:.3f} to {accuracy['high']:.3f} |" in card
    assert "CC BY-SA 4.0" in card
    assert "https://en.wikipedia.org/wiki/Portal:Current_events" in card


@shipped
def test_predict_takes_it_where_there_is_no_other_and_says_so(tmp_path):
    done = slugline("predict", SAMPLE, "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert "news-en" in done.stderr
    (prediction,) = json.loads(done.stdout)
    assert prediction["model"] == read_bundle(MODEL).digest
    assert prediction["event_type"]["group"] == "Armed conflicts and attacks"


def test_a_model_of_ones_own_comes_before_the_shipped_one(starter_run):
    mine = slugline("predict", SAMPLE, "--format", "jsonl", cwd=starter_run.folder)
    assert "using ./model.safetensors" in mine.stderr
    asked = slugline("predict", SAMPLE, "--format", "jsonl", "--model", "model.safetensors", cwd=starter_run.folder)
    named = slugline("predict", SAMPLE, "--format", "jsonl", cwd=starter_run.folder, SLUGLINE_MODEL=starter_run.model)
    assert asked.stderr == named.stderr == ""
    assert asked.stdout == named.stdout == mine.stdout
