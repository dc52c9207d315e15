"""Training on disk: a corpus that need not fit into memory in, the same model file out, resumed after a kill."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from slugline import __version__
from slugline.article import Article, Labels
from slugline.bundle import Bundle, Manifest
from slugline.config import Config, replace
from slugline.corpus.split import NOTHING
from slugline.corpus.stream import CorpusStream
from slugline.corpus.taxonomy import Taxonomy
from slugline.errors import ConfigError, CorpusError
from slugline.experiment.cross_validated import measures_of
from slugline.experiment.drift import unknown_words
from slugline.experiment.evaluation import Evaluation
from slugline.experiment.findings import with_findings
from slugline.experiment.prepare import with_corpus_defaults
from slugline.experiment.streamed_corpus import StreamedCorpus
from slugline.learn.stream.budget import Budget
from slugline.learn.stream.heads import Heads, Trainer, check_estimator
from slugline.learn.stream.plan import Plan, load_plan, make_plan, save_plan
from slugline.learn.stream.reading import SAMPLED, read_corpus, read_features
from slugline.learn.stream.rows import make_rows
from slugline.learn.stream.samples import keep_sides, sample, samples
from slugline.learn.stream.sides import HELD, TRAINING, find_sides, straddling
from slugline.learn.stream.spool import Spool
from slugline.learn.stream.vocabulary import Terms, fix_vocabulary
from slugline.learn.train import labels_to_learn, libraries
from slugline.memory import release_large_blocks
from slugline.predict import Predictor
from slugline.progress import Progress, silent
from slugline.self_test import with_self_test
from slugline.verdicts import Verdicts

_BATCH = 128  # fewer than tables of weights are made for, which would take more memory than the verdicts
_WORDS = 5000  # training articles in which unknown words are counted


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Streamed:
    """A model trained on disk, its corpus, its evaluation (None: nothing was held out), and what was measured."""

    corpus: StreamedCorpus
    bundle: Bundle
    evaluation: Evaluation | None
    cross_validated: dict[str, Any]


def checkpoint(out: Path) -> Path:
    """The folder in which the training of the model file `out` keeps what it has done."""
    return out.with_name(f"{out.name}.checkpoint")


class StreamedTraining:
    """The work of one training on disk. Its checkpoint folder is `OUT.checkpoint`, which `finish` removes."""

    def __init__(self, config: Config, out: Path, *, jobs: int = 1, progress: Progress = silent) -> None:
        """Raises SluglineError where the corpus is not there or something asked for cannot be done on disk."""
        config = with_corpus_defaults(config)
        _check(config)
        release_large_blocks()
        if config.tags.label_set == "both-sides":
            config = replace(config, "tags", min_articles=1)
        self.stream = CorpusStream.open(config.corpus, taxonomy=config.event_type.taxonomy)
        self.budget = Budget.of(config.learn.memory)
        self.asked = config
        self.jobs = jobs
        self.progress = progress
        about = {"slugline": __version__, "corpus": self.stream.fingerprint(), "config": config.to_dict()}
        self.spool = Spool.open(checkpoint(out), about)

    def prepare(self) -> StreamedCorpus:
        """Read the corpus and split it, or take up what was read before. Raises CorpusError."""
        config, spool, budget = self.asked, self.spool, self.budget
        read = read_corpus(
            self.stream,
            config.features,
            spool,
            characters=budget.characters,
            slots=budget.slots,
            progress=self.progress,
        )
        plan = load_plan(spool, config.split)
        if plan is None:
            sizes = read["chunks"]
            sides = find_sides(spool, sizes, config.split, config.corpus.skip_bad, budget.keys)
            both_sides = config.tags.label_set == "both-sides"
            plan = make_plan(spool, sizes, sides, self.stream.source.aliases, both_sides=both_sides)
            keep_sides(plan, spool)
            spool.save_state("straddling.json", straddling(sides, spool, sizes))
            save_plan(spool, plan)
        self.plan: Plan = plan
        self.lost = int(read["lost"])
        self.config = replace(config, "split", method=plan.sides.method)
        trained, held = plan.trained, plan.held_out
        self.tags, self.event_types, self.notes = labels_to_learn(
            trained.tags, trained.tagged, trained.event_types, self.config
        )
        measurable = (self.tags and held.tagged) or (self.event_types and held.typed)
        if plan.sides.method != NOTHING and not measurable:
            raise CorpusError("nothing to evaluate: no held-out article has a label of the kind that is trained")
        corpus = StreamedCorpus.of(
            self.config, self.stream.source.name, plan, read, int(spool.state("straddling.json"))
        )
        self.corpus = corpus
        return corpus

    def train(self) -> Streamed:
        """Fit, or go on fitting, and evaluate; `prepare` comes first."""
        plan, spool = self.plan, self.spool
        features = read_features(spool, self.config.features)
        terms = fix_vocabulary(plan, features, spool, self.budget.terms, self.progress)
        files = make_rows(plan, terms, self.tags, self.config.learn, spool, self.progress)
        config = dataclasses.replace(self.config, features=features)
        trainer = Trainer(files, terms, config, spool, self.budget, self.jobs, self.progress)
        made = Heads({}, {}, {})
        if self.tags:
            head, measured = trainer.tags(self.tags, plan.trained.tagged)
            made.linear["tags"], made.measured["tags"] = head, measured
        if self.event_types:
            own = trainer.events(plan.trained.event_types, plan.events)
            made = Heads(made.linear | own.linear, made.measured | own.measured, own.priors)
        summary: dict[str, Any] = dict(made.measured)
        summary |= {"terms": len(terms.hashes), "seconds": {}, "notes": [*self.notes, *self._notes(terms)]}
        bundle = self._bundle(made, terms, config, summary)
        if plan.sides.method == NOTHING:
            return Streamed(self.corpus, bundle, None, summary)
        self.progress("evaluating", 0, 1)
        evaluation = self._evaluate(bundle)
        self.progress("evaluating", 1, 1)
        bundle = dataclasses.replace(bundle, manifest=with_findings(bundle.manifest, evaluation))
        return Streamed(self.corpus, bundle, evaluation, summary)

    def finish(self) -> None:
        """Remove the checkpoint folder, when the model file is there."""
        self.spool.clear()

    def _notes(self, terms: Terms) -> list[str]:
        """What memory has cost."""
        said: list[str] = []
        if self.lost:
            said.append(f"rare terms were let go: some in up to {self.lost} articles may be missing (learn.memory)")
        raised = [
            f"{view.name} {least}"
            for view, least in zip(terms.tfidf.config.views, terms.min_df, strict=True)
            if least > view.min_df
        ]
        most = min(self.budget.titles, SAMPLED)
        if self.config.learn.keep_titles and self.plan.trained.articles > most:
            said.append(f"titles of about {most:,} of {self.plan.trained.articles:,} training articles are kept")
        if raised:
            said.append(f"min_df was raised so that the terms fit into learn.memory: {', '.join(raised)}")
        return said

    def _bundle(self, made: Heads, terms: Terms, config: Config, summary: Mapping[str, Any]) -> Bundle:
        groups: dict[str, str] = {}
        if "event_type" in made.linear:
            file = config.event_type.taxonomy
            taxonomy = Taxonomy.load(None if file is None else Path(file))
            found = {label: taxonomy.group_of(label) for label in made.linear["event_type"].labels}
            groups = {label: group for label, group in found.items() if group is not None}
        vocabulary = terms.tfidf.vocabulary
        trained = self.plan.trained
        counts = {"tags": dict(sorted(trained.tags.items())), "event_type": dict(sorted(trained.event_types.items()))}
        articles, _ = sample(self.plan, self.spool, TRAINING, _WORDS)
        unknown = unknown_words(articles, vocabulary, config.features.views)
        about = self.corpus.describe() | {
            "label_counts": counts | {"articles": {"tags": trained.tagged, "event_type": trained.typed}},
            "unknown_words": None if unknown is None else round(unknown, 6),
        }
        if self.plan.sides.method == NOTHING:
            about |= {"cross_validated": measures_of(summary)}
        manifest = Manifest(config=config.to_dict(), corpus=about, groups=groups, libraries=libraries())
        heads: dict[str, Any] = dict(made.linear)
        sections = {"priors": _priors(made.priors)} if made.priors else {}
        if config.learn.keep_titles:
            sections["neighbours"] = self._neighbours(terms)
        return with_self_test(Bundle(manifest, vocabulary, terms.tfidf.idf, **heads, sections=sections))

    def _neighbours(self, terms: Terms) -> Any:
        """Titles of the training articles: of all, or of as many as the memory holds, drawn at random."""
        from scipy.sparse import csr_matrix

        from slugline.learn.neighbours import keep_neighbours

        tfidf, width = terms.tfidf, len(terms.hashes)

        def parts() -> Iterator[tuple[list[Article], list[Labels], Any]]:
            for articles, labels in samples(self.plan, self.spool, TRAINING, self.budget.titles):
                rows = tfidf.rows(articles)
                X = csr_matrix((rows.values, rows.indices, rows.indptr), shape=(len(articles), width))
                yield articles, labels, X

        return keep_neighbours(parts(), tfidf.vocabulary)

    def _evaluate(self, bundle: Bundle) -> Evaluation:
        from slugline.experiment.evaluate import evaluate_model

        labels_of = max(len(head.labels) for head in bundle.heads.values())
        articles, labels = sample(self.plan, self.spool, HELD, self.budget.scored(labels_of))
        return evaluate_model(
            _InBatches(bundle), articles, labels, self.config.evaluate, corpus=self.stream.source.name, part="held-out"
        )


class _InBatches(Predictor):
    """A predictor whose memory for many articles is that of their verdicts."""

    def verdicts(self, articles: Sequence[Article]) -> Verdicts:
        """As that of Predictor; of a model without names, and without the scores of tags, which nobody measures."""
        found: dict[str, Any] = {}
        for at in range(0, max(len(articles), 1), _BATCH):
            part = super().verdicts(articles[at : at + _BATCH])
            for item in dataclasses.fields(Verdicts):
                value = getattr(part, item.name)
                if item.name == "tag_scores":
                    found[item.name] = value[:0]
                elif isinstance(value, np.ndarray):
                    whole = found.setdefault(item.name, np.empty((len(articles), *value.shape[1:]), value.dtype))
                    whole[at : at + len(value)] = value
                elif item.name.endswith("_decisions"):
                    found[item.name] = found.get(item.name, ()) + value
                else:
                    found[item.name] = value
        return Verdicts(**found)


def _priors(shares: dict[str, float]) -> Any:
    from slugline.priors import Priors

    return Priors(shares)


def _check(config: Config) -> None:
    """Raise ConfigError for what cannot be done on disk."""
    check_estimator(config.tags.estimator, "tags.estimator")
    check_estimator(config.event_type.estimator, "event_type.estimator")
    if config.learn.folds == 0:
        raise ConfigError("cannot train on disk without folds", field="learn.folds", found=0, expected="2 or more")
    if config.names.enabled == "always" or config.names.vocabulary is not None:
        field = "names.vocabulary" if config.names.vocabulary is not None else "names.enabled"
        raise ConfigError("names of tags cannot be learned on disk", field=field, expected='"auto" or "never"')
