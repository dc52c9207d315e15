from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article, Labels
from slugline.config import SplitConfig
from slugline.corpus.corpus import HELD_OUT, TRAIN, UNUSED, Corpus, Record
from slugline.corpus.split import Split, folds, make_split
from slugline.errors import ConfigError, CorpusError

DAY = dt.date(2020, 1, 1)


def corpus_of(
    dates: list[int | None], parts: list[str | None] | None = None, labels: list[Labels] | None = None
) -> Corpus:
    """One article per entry, dated so many days after 2020-01-01."""
    n = len(dates)
    return Corpus(
        "made",
        tuple(
            Record(Article(f"a{i}", "t", "b", None if day is None else DAY + dt.timedelta(day)), label, part)
            for i, (day, label, part) in enumerate(
                zip(dates, labels or [Labels(frozenset("x"))] * n, parts or [None] * n, strict=True)
            )
        ),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Corpus, np.ndarray]:
    n = draw(st.integers(1, 25))
    dates = draw(st.lists(st.none() | st.integers(0, 9), min_size=n, max_size=n))
    tags = st.none() | st.frozensets(st.sampled_from("abc"))
    labels = draw(st.lists(st.builds(Labels, tags, st.sampled_from([None, "none", "x"])), min_size=n, max_size=n))
    groups = draw(st.lists(st.integers(0, n), min_size=n, max_size=n))
    return corpus_of(dates, labels=labels), np.asarray(groups, dtype=np.int64)


DATE = st.none() | st.integers(0, 10).map(lambda day: (DAY + dt.timedelta(day)).isoformat())


@given(cases(), st.sampled_from(["temporal", "random", "auto"]), st.sampled_from([0.1, 0.2, 0.5]), DATE, DATE)
def test_no_group_straddles_and_no_id_is_on_both_sides(
    case: tuple[Corpus, np.ndarray], method: str, share: float, before: str | None, end: str | None
) -> None:
    corpus, groups = case
    try:
        split = make_split(corpus, SplitConfig(method, share, train_before=before, held_out_before=end), groups)
    except (CorpusError, ConfigError):
        return
    assert split.train
    assert split.held_out
    assert len({*split.train, *split.held_out}) == len(split.train) + len(split.held_out)
    group_of = {article.id: group for article, group in zip(corpus.articles, groups.tolist(), strict=True)}
    assert not {group_of[one] for one in split.train} & {group_of[one] for one in split.held_out}
    assert split.straddling == 0


def test_official_takes_what_the_corpus_says_and_counts_straddling() -> None:
    corpus = corpus_of([None] * 6, [TRAIN, HELD_OUT, UNUSED, None, HELD_OUT, TRAIN])
    split = make_split(corpus, SplitConfig(), np.asarray([0, 0, 2, 3, 4, 4]))
    assert (split.method, split.train, split.held_out, split.straddling) == ("official", ("a0", "a5"), ("a1", "a4"), 2)


def test_official_without_one_is_an_error() -> None:
    with pytest.raises(CorpusError, match="'made' has no official split"):
        make_split(corpus_of([1, 2]), SplitConfig("official"))


def test_temporal_holds_out_the_latest_share() -> None:
    split = make_split(corpus_of([3, 9, 1, None, 0, 2, 4, 5, 8, 7]), SplitConfig("temporal", 0.2))
    assert split.held_out == ("a1", "a8")
    assert "a3" in split.train


def test_a_day_is_never_cut_in_two() -> None:
    split = make_split(corpus_of([0, 1, 1, 1, 2, 2, 2, 2]), SplitConfig("temporal", 0.2))
    assert split.held_out == ("a4", "a5", "a6", "a7")


def test_a_group_goes_where_its_earliest_member_goes() -> None:
    split = make_split(corpus_of([0, 1, 2, 3, 9, None]), SplitConfig("temporal", 0.3), np.asarray([0, 1, 2, 3, 0, 3]))
    assert split.train == ("a0", "a1", "a2", "a4")
    assert split.held_out == ("a3", "a5")


def test_given_dates_cut_and_what_is_later_is_in_neither() -> None:
    config = SplitConfig(train_before="2020-01-04", held_out_before="2020-01-07")
    split = make_split(corpus_of([0, 3, 5, 6, 9, None, 8], [TRAIN] * 7), config, np.asarray([0, 1, 2, 3, 4, 5, 0]))
    assert (split.method, split.train, split.held_out) == ("temporal", ("a0", "a5"), ("a1", "a2"))
    last = make_split(corpus_of([0, 3, 5, 6, 9]), SplitConfig(held_out_before="2020-01-07", held_out=0.25))
    assert (last.train, last.held_out) == (("a0", "a1"), ("a2",))


@pytest.mark.parametrize(
    ("dates", "method"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, None], "temporal"),
        ([0, 1, 2, 3, 4, 5, 6, 7, None, None], "random"),
        ([4] * 10, "random"),
    ],
)
def test_auto_is_temporal_where_nine_in_ten_are_dated(dates: list[int | None], method: str) -> None:
    assert make_split(corpus_of(dates), SplitConfig()).method == method


def test_random_has_every_label_on_both_sides_in_proportion() -> None:
    labels = [Labels(frozenset({f"t{i % 7}", f"u{i % 3}"}), f"e{i % 5}") for i in range(420)]
    split = make_split(corpus_of([None] * 420, labels=labels), SplitConfig("random", 0.2))
    assert len(split.held_out) == 84
    held_out = [labels[int(one[1:])] for one in split.held_out]
    for i in range(7):
        assert 11 <= sum(f"t{i}" in (one.tags or ()) for one in held_out) <= 13
    for i in range(5):
        assert 15 <= sum(one.event_type == f"e{i}" for one in held_out) <= 18


def test_the_same_corpus_and_seed_give_the_same_split() -> None:
    corpus = corpus_of([None] * 60)
    first, second = (make_split(corpus, SplitConfig(seed=3)) for _ in range(2))
    assert first == second
    assert make_split(corpus, SplitConfig(seed=4)).digest != first.digest


@pytest.mark.parametrize(
    ("corpus", "config", "groups", "said"),
    [
        (corpus_of([1, 1]), SplitConfig("temporal"), None, "no held-out article: articles are dated 2020-01-02 to"),
        (corpus_of([None] * 2), SplitConfig("temporal"), None, "no article has a date"),
        (
            corpus_of([1, 2]),
            SplitConfig(train_before="2019-01-01"),
            None,
            "no training article: .*train_before 2019-01",
        ),
        (corpus_of([1, 2]), SplitConfig(train_before="2021-01-01"), None, "no held-out article"),
        (corpus_of([None] * 2), SplitConfig("random"), [0, 0], "of 2 articles 1 differ"),
        (corpus_of([None] * 2, [TRAIN] * 2), SplitConfig(), None, "none of its 2 articles is marked as held-out"),
    ],
)
def test_an_empty_side_says_why(corpus: Corpus, config: SplitConfig, groups: list[int] | None, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        make_split(corpus, config, None if groups is None else np.asarray(groups))


@pytest.mark.parametrize(
    ("config", "field"),
    [
        (SplitConfig(train_before="last year"), "split.train_before"),
        (SplitConfig(train_before="2020-01-02", held_out_before="2020-01-02"), "split.held_out_before"),
    ],
)
def test_dates_that_make_no_sense(config: SplitConfig, field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        make_split(corpus_of([0, 1, 2]), config)


def test_groups_must_fit_the_corpus() -> None:
    with pytest.raises(ValueError, match="3 group numbers for 2 articles"):
        make_split(corpus_of([0, 1]), SplitConfig(), np.arange(3))


def test_saved_and_loaded_it_is_the_same(tmp_path: Path) -> None:
    corpus = corpus_of([0, 1, 2, 3, 4])
    split = make_split(corpus, SplitConfig())
    split.save(tmp_path / "split.json")
    assert Split.load(tmp_path / "split.json") == split
    train, held_out = split.indices(corpus)
    assert (train.tolist(), held_out.tolist()) == ([0, 1, 2, 3], [4])


def test_none_holds_nothing_out_whatever_the_corpus_says(tmp_path: Path) -> None:
    corpus = corpus_of([3, None, 1, 0], [TRAIN, HELD_OUT, UNUSED, None])
    split = make_split(corpus, SplitConfig("none", train_before="2020-01-02"), np.asarray([0, 0, 2, 3]))
    assert (split.method, split.held_out, split.straddling) == ("none", (), 0)
    assert split.train == ("a0", "a1", "a2", "a3")
    split.save(tmp_path / "split.json")
    assert Split.load(tmp_path / "split.json") == split
    assert [side.tolist() for side in split.indices(corpus)] == [[0, 1, 2, 3], []]
    with pytest.raises(CorpusError, match="holds articles out"):
        Split.from_dict(split.to_dict() | {"train": ["a0"], "held_out": ["a1"]})


def test_a_split_of_another_corpus_is_refused() -> None:
    split = make_split(corpus_of([0, 1, 2, 3, 4]), SplitConfig())
    with pytest.raises(CorpusError, match="lacks 1 articles of the split; found no article 'a4'"):
        split.indices(corpus_of([0, 1, 2, 3]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"train": ["a0", "other"]}, "field 'digest': ids do not match"),
        ({"method": "random"}, "field 'digest': ids do not match"),
        ({"method": "guess"}, "field 'method': unknown"),
        ({"train": []}, "field 'train': wrong type"),
        ({"held_out": []}, "field 'held_out': wrong type"),
        ({"method": "none", "train": []}, "field 'train': wrong type"),
        ({"held_out": [1]}, "field 'held_out': wrong type"),
        ({"held_out": ["a0"]}, "an article id is there twice"),
        ({"straddling": -1}, "field 'straddling': wrong type"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path = tmp_path / "split.json"
    path.write_text(json.dumps(make_split(corpus_of([0, 1, 2, 3]), SplitConfig()).to_dict() | change), encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        Split.load(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["[]", "{", "\x00", "[" * 100_000])
def test_what_is_no_split_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "split.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"split\.json"):
        Split.load(path)


def test_folds_spread_tags_and_keep_groups_together() -> None:
    labels = [Labels(frozenset({"common"} | ({"rare"} if i % 10 == 0 else set()))) for i in range(100)]
    groups = np.arange(100) // 2
    found = folds(labels, groups, 5, 0)
    assert np.bincount(found).tolist() == [20] * 5
    assert np.bincount(found[::10]).tolist() == [2] * 5
    assert np.array_equal(found[::2], found[1::2])


def test_folds_are_fewer_where_groups_are() -> None:
    assert sorted(folds([Labels()] * 3, None, 5, 0).tolist()) == [0, 1, 2]
    with pytest.raises(CorpusError, match="too few articles to cross-validate"):
        folds([Labels()] * 3, np.zeros(3, dtype=np.int64), 5, 0)
    with pytest.raises(CorpusError, match="too few articles to cross-validate"):
        folds([], None, 5, 0)
