"""Reading, splitting, and the terms of a corpus on disk: the same as in memory."""

import json

import numpy as np
import pytest

from slugline.article import Labels
from slugline.config import CorpusConfig, LearnConfig, SplitConfig
from slugline.corpus.load import load_corpus
from slugline.corpus.split import make_split
from slugline.errors import ConfigError, CorpusError
from slugline.learn.stream.plan import load_plan, make_plan, save_plan
from slugline.learn.stream.rows import make_rows
from slugline.learn.stream.samples import keep_sides, sample
from slugline.learn.stream.sides import HELD, TRAINING, find_repeats, find_sides, straddling
from slugline.learn.stream.vocabulary import fix_vocabulary
from slugline.learn.vectorize import fit_tfidf
from stream_corpus import FEATURES, rows

MUCH = 1 << 24


def planned(spool, told, split, **options):
    sides = find_sides(spool, told["chunks"], split, False, MUCH)
    return make_plan(spool, told["chunks"], sides, None, both_sides=options.get("both_sides", False))


def by_side(spool, plan):
    found = np.concatenate([sides for _, _, _, sides in plan.chunks(spool)])
    return {side: np.flatnonzero(found == side) for side in (TRAINING, HELD, -1)}


def exact_groups(own):
    first = {}
    return np.array([first.setdefault((row["title"], row["body"]), number) for number, row in enumerate(own)])


@pytest.mark.parametrize(
    "split",
    [
        SplitConfig("temporal"),
        SplitConfig("temporal", train_before="2020-05-01", held_out_before="2020-09-01"),
        SplitConfig("auto", held_out=0.4),
    ],
)
def test_a_temporal_split_is_that_of_memory_with_exact_repeats_as_groups(read, tmp_path, split):
    own = rows()
    spool, told = read(own)
    plan = planned(spool, told, split)
    expected = make_split(load_corpus(CorpusConfig(str(tmp_path / "spool.jsonl"))), split, exact_groups(own))
    found = by_side(spool, plan)
    assert [own[n]["id"] for n in found[TRAINING]] == list(expected.train)
    assert [own[n]["id"] for n in found[HELD]] == list(expected.held_out)
    assert straddling(plan.sides, spool, told["chunks"]) == 0


def test_a_random_split_holds_out_a_share_and_keeps_repeats_together(read):
    own = rows(600)
    spool, told = read(own)
    plan = planned(spool, told, SplitConfig("random", held_out=0.3))
    found = by_side(spool, plan)
    assert 0.25 < len(found[HELD]) / len(own) < 0.35
    groups = exact_groups(own)
    assert not set(groups[found[HELD]]) & set(groups[found[TRAINING]])
    other = planned(spool, told, SplitConfig("random", held_out=0.3, seed=1))
    assert by_side(spool, other)[HELD].tolist() != found[HELD].tolist()


def test_an_official_split_is_kept_and_its_repeats_are_counted(read):
    own = rows(120)
    for number, row in enumerate(own):
        row["part"] = "test" if number % 3 == 0 else "train"
    spool, told = read(own)
    plan = planned(spool, told, SplitConfig())
    assert by_side(spool, plan)[HELD].tolist() == list(range(0, 120, 3))
    groups = exact_groups(own)
    train = {group for number, group in enumerate(groups) if number % 3}
    assert straddling(plan.sides, spool, told["chunks"]) == sum(groups[n] in train for n in range(0, 120, 3)) > 0


def test_repeats_are_the_same_in_however_many_parts_they_are_sought(read):
    spool, told = read(rows())
    whole, parts = (find_repeats(spool, told["chunks"], "words", memory) for memory in (MUCH, 1000))
    assert len(whole.rows) == 2 * sum(number % 23 == 22 for number in range(300))
    assert whole.rows.tolist() == parts.rows.tolist()
    assert whole.first.tolist() == parts.first.tolist()


def test_a_repeated_id_is_an_error_or_dropped(read):
    own = rows(90)
    own[80]["id"] = own[3]["id"]
    spool, told = read(own)
    with pytest.raises(CorpusError, match="articles 4 and 81 have the same id"):
        find_sides(spool, told["chunks"], SplitConfig(), False, MUCH)
    assert find_sides(spool, told["chunks"], SplitConfig(), True, MUCH).dropped.tolist() == [80]


@pytest.mark.parametrize(
    ("split", "error"),
    [
        (SplitConfig("official"), CorpusError),
        (SplitConfig(file="split.json"), ConfigError),
        (SplitConfig(train_before="2020-02-01", held_out_before="2020-01-01"), ConfigError),
    ],
)
def test_a_split_that_cannot_be(read, split, error):
    spool, told = read(rows(60))
    with pytest.raises(error):
        find_sides(spool, told["chunks"], split, False, MUCH)


def test_labels_are_counted_in_one_spelling(read):
    own = rows(100)
    for number, row in enumerate(own):
        if row["tags"] and number % 3 == 0:
            row["tags"] = [f"#{tag.upper()}" for tag in row["tags"]] + row["tags"]
    spool, told = read(own)
    plan = planned(spool, told, SplitConfig("none"))
    expected = load_corpus(CorpusConfig(str(spool.folder) + ".jsonl"))
    true = [label for label in expected.labels if label.tags is not None]
    assert plan.trained.tags == {tag: sum(tag in one.tags for one in true) for tag in {t for o in true for t in o.tags}}
    assert plan.trained.tagged == len(true)
    assert plan.trained.event_types.total() == plan.trained.typed == 100
    save_plan(spool, plan)
    again = load_plan(spool, SplitConfig("none"))
    assert (again.spelled, again.events, again.trained) == (plan.spelled, plan.events, plan.trained)


def test_both_sides_leaves_the_tags_that_have_articles_on_both(read):
    own = rows(100)
    own[0]["tags"] = ["first day only"]
    spool, told = read(own)
    plan = planned(spool, told, SplitConfig("temporal"), both_sides=True)
    assert set(plan.trained.tags) == set(plan.held_out.tags) == plan.common
    found = by_side(spool, plan)
    assert 0 in found[-1]
    assert all(own[number]["tags"] is not None for number in found[TRAINING])


def test_terms_and_rows_are_those_of_memory(read):
    own = rows()
    spool, told = read(own)
    split = SplitConfig("temporal")
    plan = planned(spool, told, split)
    corpus = load_corpus(CorpusConfig(str(spool.folder) + ".jsonl"))
    train = by_side(spool, plan)[TRAINING]
    fitted, X = fit_tfidf([corpus.articles[number] for number in train], FEATURES)
    terms = fix_vocabulary(plan, FEATURES, spool, 10**6)
    assert terms.tfidf.vocabulary.terms() == fitted.vocabulary.terms()
    assert terms.tfidf.idf.tolist() == fitted.idf.tolist()
    assert terms.min_df == (2, 2)
    tags = ("gold", "oil")
    files = make_rows(plan, terms, tags, LearnConfig(), spool)
    assert files.rows == len(train)
    assert not list(spool.folder.glob("chunk-*"))
    for start, arrays in files.each():
        count = len(arrays["day"])
        part = X[start : start + count]
        assert arrays["indices"].tolist() == part.indices.tolist()
        np.testing.assert_allclose(arrays["data"], part.data, rtol=1e-6)
        for number in range(count):
            label = corpus.labels[train[start + number]]
            own_tags = arrays["tag"][arrays["tag_ptr"][number] : arrays["tag_ptr"][number + 1]]
            assert [tags[tag] for tag in own_tags] == [tag for tag in tags if tag in (label.tags or ())]
            assert arrays["tagged"][number] == (label.tags is not None)


def test_rows_made_in_two_goes_are_the_same(read):
    made = []
    for name, kills in (("one", 0), ("two", 3)):
        spool, told = read(rows(), name)
        plan = planned(spool, told, SplitConfig("none"))
        terms = fix_vocabulary(plan, FEATURES, spool, 10**6)
        work = list(plan.sizes)
        if kills:
            # As if it had been killed after some chunks.
            few = type(plan)(*(getattr(plan, key) for key in plan.__slots__))
            object.__setattr__(few, "sizes", tuple(work[:kills]))
            make_rows(few, terms, ("gold", "oil"), LearnConfig(), spool)
        files = make_rows(plan, terms, ("gold", "oil"), LearnConfig(), spool)
        made.append([arrays for _, arrays in files.each()])
    for one, two in zip(*made, strict=True):
        assert {key: value.tolist() for key, value in one.items()} == {
            key: value.tolist() for key, value in two.items()
        }
    deal = np.concatenate([arrays["deal"] for arrays in made[0]])
    assert np.bincount(deal, minlength=5).min() > 0.6 * len(deal) / 5


def test_min_df_is_raised_until_the_terms_fit(read):
    spool, told = read(rows())
    plan = planned(spool, told, SplitConfig("none"))
    terms = fix_vocabulary(plan, FEATURES, spool, 50)
    assert len(terms.hashes) <= 50
    assert terms.min_df[0] > 2


def test_the_sample_of_a_small_corpus_is_all_of_it(read):
    own = rows(100)
    spool, told = read(own)
    plan = planned(spool, told, SplitConfig("temporal"))
    keep_sides(plan, spool)
    articles, labels = sample(plan, spool, HELD, 1000)
    held = by_side(spool, plan)[HELD]
    assert [article.id for article in articles] == [own[number]["id"] for number in held]
    expected = [None if own[n]["tags"] is None else frozenset(own[n]["tags"]) for n in held]
    assert labels == [Labels(tags, own[n]["event_type"]) for tags, n in zip(expected, held, strict=True)]
    few, _ = sample(plan, spool, HELD, 5)
    assert 0 < len(few) < len(articles)


def test_reading_goes_on_where_it_was_killed(read, monkeypatch):
    own = rows()
    spool, _ = read(own, "whole")
    part, _ = read(own[:150], "part")
    # The folder as a kill leaves it: some chunks, no result.
    (part.path("read.json")).unlink()
    part.remove("candidates")
    last = max(int(file.stem[-6:]) for file in part.folder.glob("chunk-*"))
    part.remove(f"chunk-{last:06d}")
    part.path("about.json").unlink()
    (part.folder.parent / "part.jsonl").unlink()
    part.path("x.part").touch()
    part.path("about.json.part").touch()
    again, _ = read(own, "part")
    for file in sorted(spool.folder.glob("chunk-*")):
        one, two = spool.load(file.stem), again.load(file.stem)
        assert {key: value.tolist() for key, value in one.items()} == {
            key: value.tolist() for key, value in two.items()
        }
    assert spool.load("candidates")["hash"].tolist() == again.load("candidates")["hash"].tolist()


def test_labels_of_a_head_that_come_late_are_found(read, monkeypatch):
    from slugline.learn.stream import reading

    monkeypatch.setattr(reading, "_LOOK", 50)
    own = rows(150)
    for row in own[:100]:
        row["event_type"] = None
    spool, told = read(own)
    assert json.loads(spool.path("heads.json").read_text()) == {"tags": True, "event_type": True}
    assert sum(told["chunks"]) == 150


def test_an_empty_corpus_says_why(read, tmp_path):
    with pytest.raises(CorpusError, match=r"no articles; all 1 rows are bad"):
        read([{"id": "1", "title": ""}], skip_bad=True)
