"""The published corpora as they are: counts, splits and faults that their descriptions state."""

from __future__ import annotations

import re
import shutil
import tarfile
from collections import Counter

import pytest

from slugline.config import CorpusConfig
from slugline.corpus.catalogue import ENVIRONMENT, catalogue, get
from slugline.corpus.corpus import HELD_OUT, TRAIN, UNUSED
from slugline.corpus.load import load_corpus
from slugline.corpus.readers import read_records
from slugline.corpus.readers.bbc import package_folder
from slugline.corpus.readers.reuters import FAMILIES, content_digest
from slugline.corpus.readers.wcep import GROUPS
from slugline.corpus.tags import tag_key
from slugline.errors import MissingExtraError

pytestmark = pytest.mark.slow


def load(path, **options):
    return load_corpus(CorpusConfig(name=str(path), **options))


@pytest.fixture(scope="module")
def reuters_topics(real_corpus):
    return load(real_corpus("reuters21578"), families=("topics",))


def test_reuters_modapte(reuters_topics):
    assert Counter(record.part for record in reuters_topics.records) == {TRAIN: 9603, HELD_OUT: 3299, UNUSED: 8676}
    sides = {
        part: [record.labels.tags for record in reuters_topics.records if record.part == part]
        for part in (TRAIN, HELD_OUT)
    }
    both = frozenset.intersection(*(frozenset().union(*tags) for tags in sides.values()))
    assert len(both) == 90
    assert [sum(bool(tags & both) for tags in sides[part]) for part in (TRAIN, HELD_OUT)] == [7770, 3019]
    # Every test article with a topic has one of the 90.
    assert sum(bool(tags) for tags in sides[HELD_OUT]) == 3019


def test_reuters_not_indexed(reuters_topics):
    # TOPICS="NO" without a topic, and BYPASS.
    assert sum(labels.tags is None for labels in reuters_topics.labels) == 7051 + 1043
    assert all(record.labels.tags is not None for record in reuters_topics.records if record.part != UNUSED)


def test_reuters_texts(reuters_topics):
    assert len(reuters_topics) == 21578
    assert [article.id for article in reuters_topics.articles] == [str(number) for number in range(1, 21579)]
    assert [article.id for article in reuters_topics.articles if not article.text] == ["12793"]
    assert not any("Blah blah blah" in article.body for article in reuters_topics.articles)
    assert all(article.date is not None and article.date.year == 1987 for article in reuters_topics.articles)
    bodies = [article.body for article in reuters_topics.articles]
    assert not any(body.endswith(("\n\nReuter", "\n\nREUTER")) for body in bodies)
    assert not any(code in body for body in bodies for code in ("&lt;", "&#", "\x03"))
    first = reuters_topics.articles[0]
    assert first.title == "BAHIA COCOA REVIEW"
    assert first.body.startswith("SALVADOR, Feb 26 - Showers continued throughout the week in the Bahia cocoa zone,")
    assert first.body.endswith(
        "Final figures for the period to February 28 are expected to be published by the Brazilian "
        "Cocoa Trade Commission after carnival which ends midday on February 27."
    )


def test_reuters_families_have_no_name_in_common(real_corpus):
    # Counted without the reader, which relies on it.
    names: dict[str, set[str]] = {family: set() for family in FAMILIES}
    with tarfile.open(real_corpus("reuters21578") / "reuters21578.tar.gz") as archive:
        for member in archive:
            if member.name.endswith(".sgm"):
                text = archive.extractfile(member).read().decode("latin-1")
                for family, found in names.items():
                    for items in re.findall(rf"<{family.upper()}>(.+?)</{family.upper()}>", text):
                        found.update(re.findall("<D>(.*?)</D>", items))
    assert {family: len(found) for family, found in names.items()} == {
        "topics": 120,
        "places": 147,
        "people": 114,
        "orgs": 32,
        "exchanges": 32,
    }
    # Neither as written nor normalised.
    assert len({tag_key(name) for found in names.values() for name in found}) == 445


def test_reuters_all_families(real_corpus):
    corpus = load(real_corpus("reuters21578"))
    assert corpus.records[0].labels.tags == {"cocoa", "el-salvador", "usa", "uruguay"}
    train = [record for record in corpus.records if record.part == TRAIN]
    assert sum(bool(record.labels.tags) for record in train) > 9500


def test_reuters_folder_and_archive(real_corpus, tmp_path, monkeypatch):
    archive = real_corpus("reuters21578") / "reuters21578.tar.gz"
    entry = catalogue()["reuters21578"]
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    assert content_digest(archive) == content_digest(tmp_path / "unpacked") == entry.digest
    assert len(list(read_records(tmp_path / "unpacked"))) == entry.articles
    monkeypatch.chdir(tmp_path)
    get("reuters21578", source=tmp_path / "unpacked")
    assert len(load("reuters21578")) == entry.articles


@pytest.mark.parametrize("name", ["wcep", "wcep_linked", "muc34", "reuters21578"])
def test_get_from_the_shared_folder(real_corpus, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, str(real_corpus(name).parent))
    entry = catalogue()[name]
    path = get(name)
    assert path.resolve() == tmp_path / "corpora" / name / entry.file
    assert path.stat().st_size > 0
    monkeypatch.delenv(ENVIRONMENT)
    shutil.copy(path, tmp_path / "copy")
    assert get(name, source=tmp_path / "copy") == path


def test_wcep(real_corpus):
    corpus = load(real_corpus("wcep"))
    assert len(corpus) == catalogue()["wcep"].articles == 49004
    assert {labels.event_type for labels in corpus.labels} == set(GROUPS)
    assert all(labels.tags is None for labels in corpus.labels)
    years = Counter(article.date.year for article in corpus.articles)
    assert (years[2019], years[2020]) == (3840, 6032)
    assert sum(count for year, count in years.items() if year < 2019) == 39094


def test_wcep_topics_are_not_years(real_corpus):
    labels = load(real_corpus("wcep"), families=("topics",)).labels
    assert not any(tag.isdigit() for one in labels for tag in one.tags or ())
    assert all(one.tags is not None for one in labels)
    assert sum(one.tags == frozenset() for one in labels) == 32276


def test_wcep_linked(real_corpus):
    corpus = load(real_corpus("wcep_linked"))
    assert len(corpus) == catalogue()["wcep_linked"].articles
    # Nine spellings that editors typed otherwise are mended.
    assert {labels.event_type for labels in corpus.labels} == set(GROUPS)
    counts = Counter(tag for labels in corpus.labels for tag in labels.tags)
    assert counts["Gaza war"] > 300
    # The shipped aliases apply.
    assert "DR Congo" in counts
    assert "Democratic Republic of the Congo" not in counts


def test_muc34(real_corpus):
    corpus = load(real_corpus("muc34"))
    assert len(corpus) == catalogue()["muc34"].articles
    assert Counter(record.part for record in corpus.records) == {TRAIN: 1300, HELD_OUT: 200}
    assert Counter(labels.event_type for labels in corpus.labels) == {
        "none": 684,
        "attack": 436,
        "bombing": 221,
        "kidnapping": 96,
        "arson": 41,
        "robbery": 17,
        "forced_work_stoppage": 5,
    }
    assert not any("[TEXT]" in article.body for article in corpus.articles)
    assert sum(article.date is not None for article in corpus.articles) > 1400
    types = load(real_corpus("muc34"), families=("event_types",)).labels
    assert sum("attack" in (one.tags or ()) for one in types) == 553


def test_bbc():
    try:
        path = package_folder()
    except MissingExtraError as error:
        pytest.skip(str(error))
    corpus = load("bbc")
    assert len(corpus) == catalogue()["bbc"].articles
    assert Counter(tag for labels in corpus.labels for tag in labels.tags) == {
        "business": 510,
        "entertainment": 386,
        "politics": 417,
        "sports": 511,
        "tech": 401,
    }
    assert load(path).digest == corpus.digest
    assert not any("\ufffd" in article.text for article in corpus.articles)
