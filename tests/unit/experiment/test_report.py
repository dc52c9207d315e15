"""What the report is made of: evidence laid out in excerpts, thresholds, and where the file goes."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import pytest

from slugline import tracking
from slugline.article import Labels
from slugline.bundle import read_bundle
from slugline.config import Config, CorpusConfig, replace
from slugline.decide import sigmoid
from slugline.errors import ConfigError, MissingExtraError, OutputError
from slugline.evaluate.mistakes import Mistake, Mistakes
from slugline.experiment import report, train
from slugline.experiment.explained import EXCERPT, cut, explain_mistakes, window
from slugline.experiment.train import train_model
from slugline.marks import Mark
from slugline.predict import Predictor
from small_model import ARTICLES, TAGS, small_bundle

WORDS = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    lines = []
    for number in range(24):
        kind = "Sports" if number % 3 else "Courts"
        words = WORDS[kind].split()
        body = " ".join(words[(number + step) % 5] for step in range(20)) + f" number{number}"
        row = {"id": f"a{number}", "title": f"Case {number}", "body": body, "event_type": kind, "tags": [kind]}
        lines.append(json.dumps(row | {"part": "test" if number >= 18 else "train"}))
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    return Config(corpus=CorpusConfig("c.jsonl"))


def test_the_excerpt_is_where_the_evidence_stands() -> None:
    text = "word " * 500
    marks = [Mark("body", 0, 4, 0.1), Mark("body", 1500, 1504, 2.0), Mark("body", 1600, 1604, -1.0)]
    start, end = window(text, marks)
    assert start < 1500
    assert end > 1604
    assert end - start <= EXCERPT
    assert text[start - 1] == text[end] == " "
    assert window("short", []) == (0, 5)
    assert window("x" * 1000, [])[1] <= EXCERPT


def test_pieces_are_the_text_in_order() -> None:
    text = "rebels seize the airport"
    marks = [Mark("body", 7, 12, -0.5), Mark("body", 0, 6, 1.0)]
    pieces = cut(text, marks, 0, len(text))
    assert "".join(piece["text"] for piece in pieces) == text
    assert [piece["contribution"] for piece in pieces] == [1.0, 0.0, -0.5, 0.0]
    # A mark that the excerpt does not hold is no mark of it.
    assert cut(text, marks, 8, 16) == [{"text": "eize the", "contribution": 0.0}]


def test_errors_have_the_evidence_of_their_label() -> None:
    predictor = Predictor(small_bundle())
    labels = [Labels(frozenset({"Syria"}), "economy")] * len(ARTICLES)
    event = predictor.predict(ARTICLES[:1])[0].event_type
    assert event is not None
    mistakes = {
        "tags": Mistakes((), (), (Mistake("1", "t", "Never", 0.1),)),
        "event_type": Mistakes((), (Mistake("1", "t", event.type or "", 0.9, "economy"),)),
    }
    missed, given = explain_mistakes(predictor, ARTICLES, labels, mistakes)
    assert (missed["head"], missed["kind"], missed["label"], missed["true"]) == ("tags", "missed", "Never", ["Syria"])
    (asked,) = (tag for tag in predictor.explain(ARTICLES[0], tags=["Never"]).tags if tag.verdict.tag == "Never")
    assert [term["term"] for term in missed["terms"]] == [item.term for item in asked.verdict.evidence[:8]]
    assert "".join(piece["text"] for piece in given["title"]) == ARTICLES[0].title
    assert any(piece["contribution"] for piece in [*given["title"], *given["text"]])


def test_thresholds_are_probabilities() -> None:
    bundle = small_bundle()
    assert bundle.tags is not None
    found = report.thresholds(bundle)["tags"]
    head = bundle.tags
    expected = sigmoid(head.slope * head.thresholds + head.offset)
    assert found["Never"] is None
    assert [found[tag] for tag in TAGS[:4]] == pytest.approx(expected[:4], abs=1e-4)
    assert report.thresholds(dataclasses.replace(bundle, tags=None)) == {}


def test_training_writes_it_and_stores_it_with_the_run(config: Config, tmp_path: Path) -> None:
    pytest.importorskip("altair", reason="the extra report is not installed")
    made = train_model(config, tmp_path / "m", report=tmp_path / "r.html", command="slugline train c.jsonl")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert html == made.report
    assert "slugline train c.jsonl" in html
    assert made.run_id is not None
    assert made.run_id[:8] in html
    assert read_bundle(tmp_path / "m").digest in html
    assert tracking.get_run(made.run_id).files["report.html"] == len(html.encode())


def test_without_the_extra_training_goes_on_and_a_report_is_refused_first(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report.importlib.util, "find_spec", lambda name: None)
    made = train_model(config, tmp_path / "m")
    assert made.report is None
    assert made.run_id is not None
    assert "report.html" not in tracking.get_run(made.run_id).files
    monkeypatch.setattr(train, "train", lambda *_args, **_keys: pytest.fail("training has started"))
    with pytest.raises(MissingExtraError, match=r"pip install 'slugline\[report\]'"):
        train_model(config, tmp_path / "m", report=tmp_path / "r.html", track=False)


def test_charts_name_the_extra_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    from slugline.report import charts

    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'slugline\[report\]'"):
        charts.altair()


def test_what_cannot_be_reported_is_told_before_training(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("altair", reason="the extra report is not installed")
    monkeypatch.setattr(train, "train", lambda *_args, **_keys: pytest.fail("training has started"))
    with pytest.raises(ConfigError, match="nothing to report"):
        train_model(replace(config, "split", method="none"), tmp_path / "m", report=tmp_path / "r.html", track=False)
    with pytest.raises(OutputError, match="would overwrite"):
        train_model(config, tmp_path / "m", report=tmp_path / "c.jsonl", track=False)
