"""What the project promises on real corpora: trained on the training part alone, measured once on the held-out part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from slugline.config import Config, load_config
from slugline.corpus.readers.articles import read_articles
from slugline.experiment.train import Outcome, train_model
from slugline.predict import Predictor
from support import ROOT

SCRAPED = ROOT.parent / "shared" / "examples" / "scraped-article.txt"


@pytest.fixture
def outcome_of(
    real_corpus: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str], Outcome]:
    """`outcome_of("wcep")` is the run of `experiments/configs/wcep.toml`, untracked; skipped without its corpus."""

    def run(name: str) -> Outcome:
        config = load_config(ROOT / "experiments" / "configs" / f"{name}.toml")
        monkeypatch.setenv("SLUGLINE_CORPORA", str(real_corpus(config.corpus.name).resolve().parent))
        return train_model(config, tmp_path / "model.safetensors", jobs=2, track=False)

    return run


def test_reuters_90_topics(outcome_of):
    outcome = outcome_of("reuters90")
    tags = outcome.evaluation.tags
    assert (len(outcome.prepared.train), len(outcome.prepared.held_out), tags.labels) == (7770, 3019, 90)
    assert tags.metrics["micro_f1"].value >= 0.880
    assert tags.metrics["macro_f1_model"].value >= 0.58
    assert outcome.evaluation.event_type is None


def test_reuters_with_all_label_families(outcome_of):
    outcome = outcome_of("reuters-all")
    tags = outcome.evaluation.tags
    assert (len(outcome.prepared.train), len(outcome.prepared.held_out)) == (9603, 3299)
    assert {"usa", "earn", "nyse", "ec", "reagan"} <= {score.label for score in tags.per_label}
    assert tags.metrics["micro_f1"].value > 0.8


def test_wcep_of_the_following_year(outcome_of):
    outcome = outcome_of("wcep")
    train, held_out = outcome.prepared.train, outcome.prepared.held_out
    assert {article.date.year for article in held_out.articles} == {2019}
    # A later repeat of an earlier event stays with it, so that it cannot be measured on.
    earlier = {group for article, group in zip(train.articles, train.groups, strict=True) if article.date.year < 2019}
    later = [group for article, group in zip(train.articles, train.groups, strict=True) if article.date.year >= 2019]
    assert set(later) <= earlier
    assert len(later) < 20
    event_type = outcome.evaluation.event_type
    assert event_type.metrics["accuracy"].value >= 0.77
    assert event_type.metrics["macro_f1"].value >= 0.735


def test_muc_with_articles_of_no_event_type(outcome_of):
    outcome = outcome_of("muc34")
    event_type = outcome.evaluation.event_type
    support = {score.label: score.support for score in event_type.per_label}
    assert support["none"] > 50
    assert event_type.metrics["accuracy"].value > 0.6


def test_the_starter_model_reads_a_scraped_article(starter_run):
    if not SCRAPED.is_file():
        pytest.skip(f"{SCRAPED} is not here")
    (article,) = read_articles(SCRAPED)
    assert "Real Time Analytics" not in article.text
    assert "Syrian refugees" not in article.text
    (prediction,) = Predictor.load(starter_run.model).predict([article], top=6)
    assert prediction.event_type.type == "armed_conflict"
    assert {"Syria", "Middle East", "Rebels"} <= {tag.tag for tag in prediction.tags}


def test_configurations_spell_out_every_value():
    for file in sorted((ROOT / "experiments" / "configs").glob("*.toml")):
        config = load_config(file)
        assert file.read_text(encoding="utf-8").rstrip().endswith(config.to_toml().rstrip()), file.name
        assert config != Config() or file.stem == "starter"
