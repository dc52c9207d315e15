"""The same configuration under several splits: the same articles, the same sizes, copies counted."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from slugline import feedback
from slugline.article import Article
from slugline.cli.splits_table import splits_table
from slugline.config import Config, CorpusConfig, replace
from slugline.errors import CorpusError
from slugline.experiment.prepare import prepare
from slugline.experiment.splits import compare_splits

WORDS = {"Sports": "team goal season player match coach", "Courts": "judge trial lawyer verdict appeal court"}


def write(path, *, dated=True, copies=True, part=None):
    """40 articles, one a day, the tag "Late" on the last five; and a copy of each of the first ten, on the same day."""
    with path.open("w") as stream:
        for number in range(40 + 10 * copies):
            source = number % 40
            kind = "Sports" if source % 2 else "Courts"
            body = " ".join(WORDS[kind].split()[(source + step) % 6] + f" w{source * 31 + step}" for step in range(20))
            row = {"id": f"a{number}", "title": f"{kind} {number}", "body": body, "event_type": kind}
            row["tags"] = [kind, "Late"] if source >= 35 else [kind]
            if dated:
                row["date"] = (dt.date(2024, 1, 1) + dt.timedelta(days=source)).isoformat()
            if part:
                row["part"] = part(source)
            stream.write(json.dumps(row) + "\n")
    return replace(replace(Config(corpus=CorpusConfig(str(path))), "learn", folds=2), "evaluate", bootstrap=20)


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    return compare_splits(write(tmp_path_factory.mktemp("splits") / "c.jsonl"))


def test_the_splits_differ_in_nothing_but_the_split(compared):
    assert [result.name for result in compared.results] == ["random", "grouped", "temporal"]
    sizes = {(result.train, result.held_out) for result in compared.results}
    assert all(abs(held_out - 10) <= 2 and train + held_out == 50 for train, held_out in sizes)
    for result in compared.results:
        assert result.evaluation.articles == result.held_out
        assert result.metrics("tags")["micro_f1"].low is not None
        assert result.metrics("event_type")["accuracy"].value > 0.5


def test_copies_straddle_only_where_nothing_keeps_them_together(compared):
    straddling = {result.name: result.straddling for result in compared.results}
    assert straddling["random"] > 0
    assert straddling["grouped"] == straddling["temporal"] == 0


def test_only_the_temporal_split_holds_the_latest_out(compared):
    by_name = {result.name: result for result in compared.results}
    assert by_name["temporal"].train_to < by_name["temporal"].held_out_from
    assert by_name["random"].train_to > by_name["random"].held_out_from
    assert by_name["temporal"].metrics("tags")["unseen_tag_share"].value > 0
    assert compared.difference("tags", "micro_f1", "grouped", "temporal") == pytest.approx(
        by_name["grouped"].metrics("tags")["micro_f1"].value - by_name["temporal"].metrics("tags")["micro_f1"].value
    )
    assert compared.difference("tags", "nothing", "grouped", "temporal") is None


def test_it_is_shown_in_80_columns_and_as_json(compared):
    shown = splits_table(compared)
    assert max(map(len, shown.splitlines())) <= 80
    assert "grouped is" in shown
    found = json.loads(json.dumps(compared.to_dict()))
    assert [one["split"] for one in found["splits"]] == ["random", "grouped", "temporal"]
    assert found["splits"][0]["tags"]["micro_f1"].keys() == {"value", "low", "high"}


def test_an_official_split_stands_beside_the_others_and_undated_articles_have_no_temporal_one(tmp_path):
    config = write(tmp_path / "c.jsonl", dated=False, part=lambda source: "test" if source % 4 == 0 else "train")
    found = compare_splits(config)
    assert [result.name for result in found.results] == ["random", "grouped", "official"]
    assert found.notes == ("no temporal split: 0 of 50 articles are dated",)
    assert found.results[2].held_out == sum(source % 4 == 0 for source in [*range(40), *range(10)])
    assert "no temporal split" in splits_table(found)


def test_articles_outside_the_configurations_split_are_in_none(tmp_path):
    config = write(tmp_path / "c.jsonl", copies=False)
    config = replace(config, "split", method="temporal", train_before="2024-01-21", held_out_before="2024-01-31")
    found = compare_splits(config)
    assert {result.train + result.held_out for result in found.results} == {30}
    assert found.results[-1].held_out_from == dt.date(2024, 1, 21)


def test_what_cannot_be_trained_says_under_which_split(tmp_path):
    config = write(tmp_path / "c.jsonl", copies=False)
    config = replace(replace(config, "event_type"), "tags", min_articles=100)
    lines = [json.dumps(json.loads(line) | {"event_type": None}) for line in (tmp_path / "c.jsonl").open()]
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    with pytest.raises(CorpusError, match="random split: nothing to learn"):
        compare_splits(config)


def test_feedback_changes_the_training_part_of_each_split_and_no_held_out_article(tmp_path):
    config = write(tmp_path / "c.jsonl", copies=False)
    plain = compare_splits(config)
    log = tmp_path / "log.jsonl"
    model = "sha256:" + "0" * 64
    corpus = prepare(config).corpus
    for article in corpus.articles[:30:3]:
        feedback.append(log, feedback.Feedback.of(article, model=model, added=["Asked"]))
    new = Article("new", "Rowing", "Rowers row their boats in the yearly regatta on the river, oars in hand")
    feedback.append(log, feedback.Feedback.of(new, model=model, added=["Sports"], complete=True, keep_text=True))
    found = compare_splits(replace(config, "learn", feedback=str(log)))
    for before, after in zip(plain.results, found.results, strict=True):
        assert (after.name, after.train, after.held_out) == (before.name, before.train, before.held_out)
        used = after.feedback
        assert used.answers == 11
        assert used.added == 1
        # Every other answer is about an article of one of the two sides.
        assert used.changed + used.unused.get("held out", 0) == 10
        # The held-out labels are those of the corpus, where no article has the tag.
        assert all("Asked" not in row.tags.true for row in after.evaluation.outcomes.rows)
        assert "feedback" in after.to_dict()
    assert len({result.feedback.changed for result in found.results}) > 1 or found.results[0].feedback.changed < 10
    assert "feedback" not in plain.results[0].to_dict()
