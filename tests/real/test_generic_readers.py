"""The generic readers on real files: what a user gets who names the reader, or has the files under other names."""

from __future__ import annotations

import pytest

from slugline.corpus.readers import ReadOptions, find_reader, read_records
from slugline.corpus.readers.articles import read_articles


@pytest.mark.parametrize(
    ("folder", "name", "articles"),
    [("wcep", "events.jsonl.gz", 49_004), ("wcep_linked", "events-2025.jsonl.gz", 5_459)],
)
def test_events_as_plain_json_lines(real_corpus, folder, name, articles):
    records = list(read_records(real_corpus(folder) / name, "jsonl"))
    assert len(records) == articles
    assert all(record.article.body and record.article.date and record.labels.event_type for record in records)
    assert all(record.labels.tags is not None for record in records)


def test_families_of_plain_json_lines(real_corpus):
    path = real_corpus("wcep_linked") / "events-2025.jsonl.gz"
    records = list(read_records(path, "jsonl", ReadOptions(families=("topics", "links"))))
    assert {"Gaza war", "Gaza Strip"} <= records[0].labels.tags


def test_the_starter_corpus_and_its_folder_are_the_same(real_corpus):
    folder = real_corpus("starter")
    assert find_reader(folder / "articles.jsonl").name == "jsonl"
    assert list(read_records(folder)) == list(read_records(folder / "articles.jsonl"))
    assert len(list(read_articles(folder))) == 472


def test_the_scraped_article_is_seen_without_its_tags_line(real_corpus):
    path = real_corpus("starter").parent.parent / "examples" / "scraped-article.txt"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    (record,) = read_records(path)
    tags = {"Syria", "Syrian", "Syrian rebels", "Syrian refugees", "Rebels", "Middle East"}
    assert record.labels.tags == tags
    (article,) = read_articles(path)
    assert article == record.article
    assert article.title == "Syria: Idlib Captured By Al Qaeda Offshoot, Syrian Army Confirms Retreat"
    assert article.body.endswith("between Idlib and Latakia.")
    assert "Real Time Analytics" not in article.body
    assert "Tags" not in article.body
