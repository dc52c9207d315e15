"""The predictor: scores, probabilities, decisions, evidence, on a model small enough to compute by hand."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slugline import head as head_module
from slugline.article import NONE, Article
from slugline.bundle import Bundle, write_bundle
from slugline.decide import decide_tags
from slugline.head import LinearHead
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from slugline.verdicts import Verdicts
from small_model import ARTICLES, GROUPS, TAGS, TYPES, UNKNOWN, small_bundle
from view_terms import view_terms

EVERY = [*ARTICLES, UNKNOWN, Article("6")]


def dense(head: LinearHead) -> np.ndarray:
    out = np.zeros((len(head.indptr) - 1, len(head.labels)))
    for term in range(len(out)):
        part = slice(head.indptr[term], head.indptr[term + 1])
        out[term, head.indices[part]] = head.weights[part]
    return out


def by_hand(bundle: Bundle, article: Article) -> np.ndarray:
    """TF-IDF values of one article over all terms, spelled out."""
    place = {term: index for index, term in enumerate(bundle.vocabulary.terms())}
    row = np.zeros(len(place))
    for term, count in Counter(view_terms(article, bundle.features.views)[0]).items():
        if term in place:
            row[place[term]] = (1 + math.log(count)) * float(bundle.idf[place[term]])
    length = math.sqrt(sum(value * value for value in row))
    return row / length if length else row


def one_tag(score: float) -> LinearHead:
    return LinearHead.from_dense(("a",), np.zeros((1, 1)), np.array([score]))


def test_scores_are_weights_times_values_plus_intercept() -> None:
    bundle = small_bundle()
    found = Predictor(bundle).scores(EVERY)
    for name, head in bundle.heads.items():
        expected = [by_hand(bundle, article) @ dense(head) + head.intercept for article in EVERY]
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-12)
    assert found["tags"].dtype == np.float64


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(EVERY), max_size=30), st.integers(1, 200))
def test_an_articles_scores_do_not_depend_on_its_neighbours(articles: list[Article], chunk: int) -> None:
    predictor = Predictor(small_bundle())
    alone = {article.id: predictor.scores([article])["tags"][0] for article in EVERY}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(head_module, "_CHUNK", chunk)
        together = predictor.scores(articles)["tags"]
    assert together.shape == (len(articles), len(TAGS))
    for article, row in zip(articles, together, strict=True):
        np.testing.assert_array_equal(row, alone[article.id])


def test_probabilities() -> None:
    bundle = small_bundle()
    predictor = Predictor(bundle)
    scores, found = predictor.scores(EVERY), predictor.probabilities(EVERY)
    for article in range(len(EVERY)):
        for tag in range(len(TAGS)):
            x = bundle.tags.slope[tag] * scores["tags"][article, tag] + bundle.tags.offset[tag]
            assert found["tags"][article, tag] == pytest.approx(1 / (1 + math.exp(-x)), abs=1e-12)
        raised = [math.exp(x) for x in scores["event_type"][article]]
        np.testing.assert_allclose(found["event_type"][article], [x / sum(raised) for x in raised], atol=1e-12)


def test_tags_are_decided_by_threshold() -> None:
    bundle = small_bundle(fallback=False)
    verdicts = Predictor(bundle).verdicts(EVERY)
    np.testing.assert_array_equal(verdicts.tag_decisions, verdicts.tag_scores >= bundle.tags.thresholds)
    assert not verdicts.tag_decisions[:, TAGS.index("Never")].any()
    assert verdicts.known.tolist() == [True] * 4 + [False] * 2


def test_fallback_takes_the_least_missed_threshold() -> None:
    scores = np.array([[0.9, -0.3, 9.0], [1.0, -1.0, 0.0], [-5.0, -9.0, 0.0], [0.0, -9.0, 0.0], [0.5, -0.5, 0.0]])
    known = np.array([True, True, True, False, True])
    thresholds = np.array([1.0, 0.0, math.inf])
    assert decide_tags(scores, thresholds, known, fallback=True).tolist() == [
        [True, False, False],  # 0.1 below its threshold, b is 0.3 below
        [True, False, False],  # reached exactly
        [True, False, False],
        [False, False, False],  # no known term: nothing to go by
        [True, False, False],  # equally far: the first
    ]
    assert decide_tags(scores, thresholds, known, fallback=False).sum() == 1
    assert not decide_tags(scores[:, :1], thresholds[2:], known, fallback=True).any()


def test_a_threshold_is_reached_by_equality() -> None:
    assert decide_tags(np.array([[0.25]]), np.array([0.25]), np.array([True]), fallback=False).all()


def test_event_types_types_groups_and_none() -> None:
    bundle = small_bundle()
    predictor = Predictor(bundle)
    seen = set()
    for seed in range(12):
        predictor = Predictor(small_bundle(seed=seed))
        verdicts = predictor.verdicts(ARTICLES)
        for number, prediction in enumerate(predictor.predict(ARTICLES)):
            best = int(verdicts.event_scores[number].argmax())
            label = TYPES[best]
            event = prediction.event_type
            assert verdicts.event_decisions[number] == label
            expected = {"Sports": (None, "Sports"), NONE: (NONE, None), "own_type": ("own_type", None)}
            assert (event.type, event.group) == expected.get(label, (label, GROUPS.get(label)))
            assert event.probability == verdicts.event_probabilities[number, best]
            assert event.score == verdicts.event_scores[number, best]
            seen.add(label)
    assert seen == set(TYPES)


def test_event_type_abstains() -> None:
    sure = Predictor(small_bundle()).predict(EVERY)
    assert all(prediction.event_type for prediction in sure[:4])
    assert sure[4].event_type is None
    assert sure[5].event_type is None
    limit = sorted(prediction.event_type.probability for prediction in sure[:4])[2]
    cautious = Predictor(small_bundle(abstain_below=limit)).predict(EVERY)
    for before, after in zip(sure[:4], cautious[:4], strict=True):
        assert (after.event_type is not None) == (before.event_type.probability >= limit)


def test_decided_tags_come_best_first_and_top_fills_up() -> None:
    predictor = Predictor(small_bundle())
    verdicts = predictor.verdicts(ARTICLES)
    for number, prediction in enumerate(predictor.predict(ARTICLES)):
        assert {tag.tag for tag in prediction.tags} == {TAGS[i] for i in np.flatnonzero(verdicts.tag_decisions[number])}
        assert all(tag.decided for tag in prediction.tags)
        assert [tag.probability for tag in prediction.tags] == sorted(
            (tag.probability for tag in prediction.tags), reverse=True
        )
    for top in (1, 3, 5, 99):
        for number, prediction in enumerate(predictor.predict(ARTICLES, top=top)):
            order = sorted(range(5), key=lambda tag: -verdicts.tag_probabilities[number, tag])[:top]
            assert [tag.tag for tag in prediction.tags] == [TAGS[tag] for tag in order]
            assert [tag.decided for tag in prediction.tags] == [bool(verdicts.tag_decisions[number, i]) for i in order]


def test_ties_are_shown_by_name() -> None:
    bundle = small_bundle()
    tags = ("b", "c", "a")
    head = LinearHead.from_dense(tags, np.zeros((3, len(bundle.vocabulary))), np.zeros(3))
    predictor = Predictor(dataclasses.replace(bundle, tags=head))
    assert [tag.tag for tag in predictor.predict(ARTICLES[:1])[0].tags] == ["a", "b", "c"]
    assert [tag.tag for tag in predictor.predict(ARTICLES[:1], top=2)[0].tags] == ["a", "b"]


@settings(deadline=None, max_examples=40)
@given(st.text(alphabet=st.sampled_from("abelopr A.7\n"), max_size=40), st.sampled_from(ARTICLES), st.integers(0, 3))
def test_evidence_sums_to_the_score(noise: str, article: Article, seed: int) -> None:
    article = dataclasses.replace(article, body=article.body + noise)
    prediction = Predictor(small_bundle(seed=seed)).predict([article], top=5, explain=True)[0]
    for verdict in [*prediction.tags, prediction.event_type]:
        contributions = [item.contribution for item in verdict.evidence]
        assert sum(contributions) + verdict.intercept == pytest.approx(verdict.score, abs=1e-6)
        assert [abs(value) for value in contributions] == sorted(map(abs, contributions), reverse=True)
        assert len({item.term for item in verdict.evidence}) == len(contributions)
        assert all(contributions)


def test_without_explain_there_is_no_evidence() -> None:
    prediction = Predictor(small_bundle()).predict(ARTICLES[:1], top=5)[0]
    assert all(tag.evidence == () for tag in prediction.tags)
    assert prediction.to_dict()["model"] == ""


def test_articles_are_cleaned_inside() -> None:
    dirty = Article("1", "Rebels  seize\u200b Aleppo", ARTICLES[0].body.replace("Aleppo", "Ale\u00adppo") + "\x00")
    predictor = Predictor(small_bundle())
    assert predictor.predict([dirty])[0].tags == predictor.predict([ARTICLES[0]])[0].tags
    np.testing.assert_array_equal(predictor.scores([dirty])["tags"], predictor.scores([ARTICLES[0]])["tags"])
    assert predictor.predict([dirty])[0].title == "Rebels seize Aleppo"


def test_a_stream_is_read_in_batches_and_gives_the_same(tmp_path: object) -> None:
    predictor = Predictor(small_bundle())
    taken: list[str] = []

    def articles() -> object:
        for article in EVERY * 3:
            taken.append(article.id)
            yield article

    stream = predictor.predict_stream(articles(), batch=4)
    first = next(stream)
    assert len(taken) == 4
    assert [first, *stream] == predictor.predict(EVERY * 3)
    assert predictor.predict([]) == []


@pytest.mark.parametrize("missing", ["tags", "event_type"])
def test_a_model_with_one_head(missing: str) -> None:
    predictor = Predictor(dataclasses.replace(small_bundle(), **{missing: None}))
    verdicts: Verdicts = predictor.verdicts(EVERY)
    assert verdicts.tag_scores.shape == (6, 0 if missing == "tags" else 5)
    assert verdicts.event_probabilities.shape == (6, 0 if missing == "event_type" else 5)
    assert list(predictor.scores(EVERY)) == [{"tags": "event_type", "event_type": "tags"}[missing]]
    for prediction in predictor.predict(ARTICLES, top=2):
        assert (prediction.event_type is None) == (missing == "event_type")
        assert bool(prediction.tags) == (missing != "tags")


def test_loaded_predicts_as_in_memory_and_names_its_model(tmp_path: object) -> None:
    bundle = with_self_test(small_bundle())
    path = f"{tmp_path}/model.safetensors"
    digest = write_bundle(path, bundle)
    loaded, kept = Predictor.load(path), Predictor(bundle)
    for name, scores in kept.scores(EVERY).items():
        np.testing.assert_array_equal(loaded.scores(EVERY)[name], scores)
    assert {prediction.model for prediction in loaded.predict(EVERY)} == {digest}


def test_the_self_test_covers_both_heads_and_known_terms() -> None:
    bundle = with_self_test(small_bundle())
    assert len(bundle.manifest.self_test) >= 3
    for case in bundle.manifest.self_test:
        assert set(case["scores"]) == {"tags", "event_type"}
        assert all(scores for scores in case["scores"].values())
    predictor = Predictor(bundle)
    own = bundle.manifest.self_test[-1]
    assert predictor.verdicts([Article("own", own["title"], own["body"])]).known.all()


def test_predicting_imports_numpy_alone(tmp_path: object) -> None:
    path = f"{tmp_path}/model.safetensors"
    write_bundle(path, with_self_test(small_bundle()))
    code = f"""
import sys
from slugline.article import Article
from slugline.predict import Predictor
Predictor.load({path!r}).predict([Article("1", "Rebels", "took Aleppo, \u201cSyria\u201d")], top=3, explain=True)
allowed = set(sys.stdlib_module_names) | {{"slugline", "numpy", "__main__"}}
print(sorted({{name.split(".")[0] for name in sys.modules}} - allowed))
"""
    done = subprocess.run([sys.executable, "-S", "-c", with_path(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def with_path(code: str) -> str:
    """`code` with this interpreter's path, and without the .pth files that import things on their own account."""
    return f"import sys; sys.path[:] = {sys.path!r}\n{code}"
