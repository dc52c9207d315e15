"""Evaluating a model on labelled articles."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slugline.article import Article, Labels
from slugline.bundle import label_counts
from slugline.config import Config, CorpusConfig, EvaluateConfig
from slugline.corpus.corpus import Corpus
from slugline.corpus.load import load_corpus
from slugline.corpus.split import NOTHING
from slugline.corpus.tags import tag_key
from slugline.errors import CorpusError
from slugline.evaluate.bands import Band, bands_of
from slugline.evaluate.evaluation import evaluate_tags
from slugline.evaluate.lengths import LengthBand, event_lengths, tag_lengths
from slugline.evaluate.metrics import Flags
from slugline.evaluate.mistakes import event_mistakes, tag_mistakes
from slugline.evaluate.outcomes import EventOutcome, Outcomes, TagOutcome, event_outcomes, outcome_rows, tag_outcomes
from slugline.evaluate.ranking import inverse_propensities
from slugline.evaluate.results import EventTypeEvaluation, TagEvaluation
from slugline.experiment.drift import UnknownWords, drift_between, unknown_words
from slugline.experiment.evaluation import Evaluation
from slugline.experiment.event_columns import event_columns
from slugline.experiment.prepare import prepare
from slugline.experiment.renamed import about_now, labels_now
from slugline.experiment.tag_columns import TagColumns, said_of, tag_columns, training_articles
from slugline.head import LinearHead
from slugline.predict import Predictor
from slugline.priors import Shift
from slugline.progress import Progress, silent
from slugline.verdicts import Verdicts


def evaluate_model(
    predictor: Predictor,
    articles: Sequence[Article],
    labels: Sequence[Labels],
    config: EvaluateConfig,
    *,
    corpus: str,
    part: str,
    on_shift: Callable[[Shift], None] | None = None,
    explain: bool = False,
) -> Evaluation:
    """Predict `articles` and measure against `labels`; articles that are not annotated for a head are left out of it.

    Event types are measured by group where the labels are groups of the model's types, or the reverse. With `on_shift`
    they are predicted under the shares found on the articles themselves, which it is told. With `explain`, the worst
    errors get their evidence, for a report.
    Raises CorpusError where no article is annotated for any head of the model.
    """
    if on_shift is not None:
        predictor, shift = predictor.adapted(articles)
        on_shift(shift)
    verdicts, said = said_of(predictor, articles)
    bundle = predictor.bundle
    labels, about = labels_now(predictor, labels), about_now(predictor)
    tagged = bundle.tags is not None and any(label.tags is not None for label in labels)
    columns = tag_columns(bundle, said, labels) if tagged else None
    # What was copied into the columns is not needed any more, and of many articles it is large.
    del said
    tags = None
    if bundle.tags is not None and columns is not None:
        tags = _evaluate_tags(bundle.tags, columns, config, label_counts(about))
    event_type, event_group = _evaluate_events(predictor, verdicts, labels, config)
    if tags is None and event_type is None:
        raise CorpusError("nothing to evaluate: no article is annotated for what this model predicts", file=corpus)
    outcomes = _outcomes(articles, tags, event_type)
    mistakes = {"tags": tag_mistakes(outcomes.rows), "event_type": event_mistakes(outcomes.rows)}
    explained: tuple[dict[str, Any], ...] = ()
    if explain:
        from slugline.experiment.explained import explain_mistakes

        explained = explain_mistakes(predictor, articles, labels, mistakes)
    return Evaluation(
        bundle.digest,
        corpus,
        part,
        len(articles),
        None if tags is None else tags.evaluation,
        None if event_type is None else event_type.evaluation,
        event_group=event_group,
        bands=() if tags is None else tags.bands,
        outcomes=outcomes,
        mistakes=mistakes,
        explained=explained,
        drift=drift_between(about, labels, str if event_type is None else event_type.level_of),
        words=UnknownWords(
            unknown_words(articles, bundle.vocabulary, bundle.features.views), about.get("unknown_words")
        ),
        lengths=_lengths(articles, tags, event_type, config),
    )


def _lengths(
    articles: Sequence[Article], tags: _Tags | None, event_type: _EventTypes | None, config: EvaluateConfig
) -> dict[str, tuple[LengthBand, ...]]:
    """Each head's measures by length, of the articles that are annotated for it."""
    words = [len(article.text.split()) for article in articles]
    found: dict[str, tuple[LengthBand, ...]] = {}
    if tags is not None:
        found["tags"] = tag_lengths([words[row] for row in tags.outcomes], tags.truth, tags.decided, config)
    if event_type is not None:
        right = np.array([one.true == one.decided for one in event_type.outcomes.values()], dtype=bool)
        found["event_type"] = event_lengths([words[row] for row in event_type.outcomes], right, config)
    return found


@dataclass(frozen=True, slots=True)
class _Tags:
    """A measured tag head: over the tags `labels`, and article by article, by the article's number."""

    evaluation: TagEvaluation
    labels: tuple[str, ...]
    outcomes: dict[int, TagOutcome]
    truth: Flags
    decided: Flags
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class _EventTypes:
    """A measured event-type head, as `_Tags`; `level_of` maps a type to the label that it is measured as."""

    evaluation: EventTypeEvaluation
    labels: tuple[str, ...]
    outcomes: dict[int, EventOutcome]
    level_of: Callable[[str], str]


def _outcomes(articles: Sequence[Article], tags: _Tags | None, event_type: _EventTypes | None) -> Outcomes:
    rows = tuple(
        dataclasses.replace(
            row,
            tags=None if tags is None else tags.outcomes.get(number),
            event_type=None if event_type is None else event_type.outcomes.get(number),
        )
        for number, row in enumerate(outcome_rows(articles))
    )
    return Outcomes(
        rows,
        () if tags is None else tags.labels,
        () if event_type is None else event_type.labels,
        "type" if event_type is None else event_type.evaluation.level,
    )


def _tag_rule(head: LinearHead) -> str:
    """How tags are decided, in words."""
    if not head.fallback:
        return head.rule
    return f"{head.rule} + best tag where none" + (f", from {head.fallback_from:.0%} on" if head.fallback_from else "")


def _evaluate_tags(
    head: LinearHead,
    found: TagColumns,
    config: EvaluateConfig,
    counts: dict[str, dict[str, int]] | None,
) -> _Tags:
    trained = None if counts is None else training_articles(found, counts["tags"])
    evaluation = evaluate_tags(
        found.labels,
        found.truth,
        found.probability,
        found.decided,
        unseen_truth=np.array([len(tags) for tags in found.unknown], dtype=np.int64),
        unseen_labels=len({tag_key(tag) for tags in found.unknown for tag in tags}),
        inverse_propensity=None
        if counts is None or trained is None
        else inverse_propensities(np.array([trained[tag] for tag in found.labels]), counts["articles"]["tags"]),
        config=config,
        rule=_tag_rule(head),
    )
    outcomes = tag_outcomes(
        found.labels, found.truth, list(map(sorted, found.unknown)), found.probability, found.decided
    )
    bands: tuple[Band, ...] = ()
    if trained is not None:
        bands = bands_of(found.labels, found.truth, found.decided, found.unknown, trained, config)
    by_row = dict(zip(found.rows, outcomes, strict=True))
    return _Tags(evaluation, found.labels, by_row, found.truth, found.decided, bands)


def _evaluate_events(
    predictor: Predictor, verdicts: Verdicts, labels: Sequence[Labels], config: EvaluateConfig
) -> tuple[_EventTypes | None, EventTypeEvaluation | None]:
    """The finest level that model and labels share, article by article, and the level of groups above it."""
    first, groups = event_columns(predictor.bundle, predictor.events, verdicts, labels)
    if first is None:
        return None, None
    found = event_outcomes(first.labels, first.truth, first.probability, first.decided)
    measured = _EventTypes(first.evaluate(config), first.labels, dict(zip(first.rows, found, strict=True)), first.of)
    return measured, None if groups is None else groups.evaluate(config)


def evaluate_corpus(
    model: Path,
    corpus: CorpusConfig | None,
    *,
    part: str = "auto",
    progress: Progress = silent,
    on_shift: Callable[[Shift], None] | None = None,
    explain: bool = False,
) -> Evaluation:
    """Evaluate a model file on a corpus (None: the corpus that it was trained on).

    With `on_shift`, event types are predicted under the shares found on the articles themselves (`Predictor.adapted`),
    which `on_shift` is told. `explain` as in `evaluate_model`.

    `part` "auto" takes the held-out part where the corpus is the one that the model was trained on, split as it was
    then, and every article of any other corpus; "held-out" and "all" ask for one of them. Raises CorpusError where the
    held-out part is asked for and cannot be made again, also where a corpus of the same name has changed since, so that
    training articles are never measured by accident, and of a model for which nothing was held out or that was trained
    from disk; ModelFileError where the model cannot be opened.

    A model of several corpora has a held-out part in each: asked for one of them, those articles are taken.
    """
    predictor = Predictor.load(model, copy=True)
    trained = Config.from_dict(predictor.bundle.manifest.config, file=model)
    about = predictor.bundle.manifest.corpus
    digest = about.get("digest", "none that the model knows")
    asked = corpus or trained.corpus
    loaded = load_corpus(asked, progress, taxonomy=trained.event_type.taxonomy)
    source = next((one["name"] for one in about.get("sources", ()) if _is_source(one, loaded, trained)), None)
    own = loaded.digest == digest or asked.name == trained.corpus.name or source is not None
    if part == "all" or (part == "auto" and not own):
        found = evaluate_model(
            predictor,
            loaded.articles,
            loaded.labels,
            trained.evaluate,
            corpus=loaded.name,
            part="all",
            on_shift=on_shift,
            explain=explain,
        )
        return dataclasses.replace(found, includes_training=own, skipped=loaded.skipped, unmapped=loaded.unmapped)
    if trained.split.method == NOTHING:
        raise CorpusError(
            "the model was trained on every article of this corpus, none was held out",
            file=asked.name,
            expected="another corpus, or --part all for the training articles themselves",
        )
    if trained.learn.memory:
        raise CorpusError(
            "the model was trained from disk and its held-out part, which was measured then, is not known",
            file=asked.name,
            expected="another corpus, or --part all",
        )
    if source is not None:
        asked = trained.corpus
        loaded = load_corpus(asked, progress, taxonomy=trained.event_type.taxonomy)
    if loaded.digest != digest:
        raise CorpusError(
            "not the corpus that the model was trained on, so its held-out part is not known",
            file=asked.name,
            found=loaded.digest,
            expected=f"{digest}, or --part all",
        )
    prepared = prepare(dataclasses.replace(trained, corpus=asked), progress, corpus=loaded)
    if prepared.split.digest != about.get("split_digest"):
        # Another version of a library, or another file in the place of a recorded split.
        raise CorpusError(
            "the split that the model was trained on cannot be made again, so its held-out part is not known",
            file=trained.split.file or asked.name,
            found=prepared.split.digest,
            expected=f"{about.get('split_digest')}, or --part all",
        )
    held_out = prepared.held_out
    if source is not None:
        held_out = held_out.of_source(source, [one["name"] for one in about["sources"]])
    found = evaluate_model(
        predictor,
        held_out.articles,
        held_out.labels,
        trained.evaluate,
        corpus=source or loaded.name,
        part="held-out",
        on_shift=on_shift,
        explain=explain,
    )
    return dataclasses.replace(found, skipped=loaded.skipped, unmapped=loaded.unmapped)


def _is_source(about: dict[str, Any], loaded: Corpus, trained: Config) -> bool:
    """Whether a corpus is one of the several that the model was trained on, also where it has changed since."""
    return bool(trained.corpus.sources) and (about["digest"] == loaded.digest or about["name"] == loaded.name)
