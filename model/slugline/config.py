"""The configuration of a training run: every value spelled out, read from and written as TOML tables."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from slugline.config_toml import from_table, to_table, to_toml
from slugline.config_toml import read_toml as read_toml
from slugline.config_views import FeatureConfig as FeatureConfig
from slugline.config_views import ViewConfig as ViewConfig
from slugline.config_views import check_views
from slugline.errors import ConfigError
from slugline.memory import parse_size


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """Which corpus, and how it is read.

    `name` is a path or a name of the catalogue. `reader` is "auto" or a reader's name. `fields` maps Slugline's field
    names (id, title, body, tags, event_type, date, ...) to the corpus's own column or key names. `families` selects
    the label families that become tags, for corpora that have several (None: the corpus's default). `aliases` is a
    TOML file of tag aliases (None: the catalogue's choice). `encoding` is "auto" or a Python codec name.

    `map` brings the corpus's event types to those of the taxonomy: "plover", "acled", "iptc", "taxonomy", or a TOML
    file (see `corpus.mapping`); with `map_strict`, a label that it does not know is an error instead of no annotation.

    With `sources`, the corpus is all of these together, and `name` is what it is called; the other values are those
    of the sources alone. Ids of articles then begin with their source's name and a colon.
    """

    name: str = "starter"
    reader: str = "auto"
    fields: dict[str, str] = field(default_factory=dict)
    families: tuple[str, ...] | None = None
    aliases: str | None = None
    encoding: str = "auto"
    skip_bad: bool = False
    map: str | None = None
    map_strict: bool = False
    sources: tuple[CorpusConfig, ...] = ()


@dataclass(frozen=True, slots=True)
class SplitConfig:
    """How the held-out set is chosen.

    `method`: "auto" (official if the corpus has one, else temporal if nine in ten articles have dates, else random),
    "official", "temporal", "random" or "none" (every article trains, none is held out). `held_out` is the share held
    out by temporal and random splits. Articles whose word 5-shingles have a Jaccard similarity of at least
    `near_duplicate` stay on one side of temporal and random splits (0: no grouping). A temporal split puts articles
    dated before `train_before` (ISO date) into the training part and those before `held_out_before` into the held-out
    part, later ones into neither; without `train_before` the latest `held_out` share is held out. `file` is the
    `split.json` of a run, whose split is taken as it is.
    """

    method: str = "auto"
    held_out: float = 0.2
    near_duplicate: float = 0.35
    train_before: str | None = None
    held_out_before: str | None = None
    file: str | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TagConfig:
    """The tag head: one-vs-rest over tags.

    Tags with fewer than `min_articles` training articles are not trained. `label_set` "trained" takes the tags from
    the training part; "both-sides" is the protocol of the Reuters literature: the tags with an article on both
    sides of the split, all of them however rare, and only articles with such a tag. `threshold` is the rule by
    which tags are decided: "scutfbr" (a threshold for each tag, cross-validated, Yang 2001), "scut", "global",
    "plug-in", "rank", "expected-f1" or "zero" (`learn.thresholds`). "scutfbr" pulls the threshold of a tag with n
    articles towards the one that is best for all tags together, by threshold_shrink / (n + threshold_shrink). No tag
    reaches its threshold with a probability below `min_probability`. `fallback`: the best tag where none reaches its
    threshold: "always", "never", or "auto" (whether, and from which probability on, cross-validation prefers).
    """

    estimator: str = "svm"
    C: float = 0.5
    min_articles: int = 3
    label_set: str = "trained"
    threshold: str = "scutfbr"
    threshold_shrink: float = 0.5
    min_probability: float = 0.05
    fallback: str = "auto"


@dataclass(frozen=True, slots=True)
class TreeConfig:
    """The label trees, where `tags.estimator` is "tree"; their classifiers' C is that of the tags.

    There are `trees` of them, whose scores are averaged. A last node has up to `leaf` tags, the nodes above up to
    `branch` children. Each classifier is solved in `epochs` rounds, or until nothing moves by `tolerance`; weights
    below `prune` are dropped. `nearness` is what the cosine between an article and the mean of a tag's articles counts
    beside the classifiers, which rare tags live by. A prediction follows the best `beam` nodes of each level and keeps
    the best `candidates` tags. `held_out` is the share of the training articles (of at most 1,000) on which
    probabilities and the threshold are chosen, by the first tree, which alone is grown without them. `recency` is what
    a tag of the newest training article counts more than one that has not been seen for ages: a number, or "auto" (the
    best on those articles, where nine in ten have dates and the split is not random; 0 otherwise).
    """

    trees: int = 3
    leaf: int = 32
    branch: int = 512
    epochs: int = 5
    tolerance: float = 0.1
    prune: float = 0.1
    nearness: float = 4.0
    beam: int = 16
    candidates: int = 20
    held_out: float = 0.2
    recency: str | float = "auto"


@dataclass(frozen=True, slots=True)
class NameConfig:
    """Tags by name: articles are given tags whose names or aliases they mention, where a learned model says so.

    `enabled`: "auto" (where cross-validation on the training part shows that it raises micro-F1), "always" or "never".
    `vocabulary` is a file of more tags and names (TXT, CSV, JSON, SKOS as JSON-LD, or an alias file; None: only the
    tags of the corpus and its aliases); of names in several languages those in `language` are taken.
    """

    enabled: str = "auto"
    vocabulary: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class EventTypeConfig:
    """The event-type head: multi-class. It abstains where the best probability is below `abstain_below`.

    With `min_precision` above 0, and `abstain_below` 0, that limit is chosen by cross-validation, so that the decided
    articles are right in that share.

    Rare types weigh more in training, by (mean type size / type size) ** `balance` (0: every article the same).
    `taxonomy` is a TOML file that gives each event type its group (None: the shipped taxonomy). `levels`: "flat" (a
    group's probability is the sum of its types'), "two" (groups have classifiers of their own), or "auto": two where
    some articles are labelled with a group only, else whichever cross-validated accuracy prefers.
    """

    estimator: str = "svm"
    C: float = 0.25
    balance: float = 1.0
    abstain_below: float = 0.0
    min_precision: float = 0.0
    taxonomy: str | None = None
    levels: str = "auto"


@dataclass(frozen=True, slots=True)
class LearnConfig:
    """What both heads share: `folds` of the cross-validation on the training part, and the seed of every choice.

    With 0 folds there is no cross-validation: training is several times faster, tags are decided by the rule "zero",
    probabilities are not calibrated, and no names are learned (`learn.plain`).

    `folds_by` "random" deals articles out to the folds, "time" makes each fold a stretch of time, so that probabilities
    know how far the news moves; "auto" does so for event types where the split is temporal.

    The model file keeps each label's largest weights, which hold the share `keep` of the sum of all their squares, in
    the type `weights`: "int8" (multiples of 1/127 of the label's largest), "float16" or "float32".

    With `memory`, such as "2G", the corpus is read piece by piece and fitted from disk, and the whole process stays
    within that much memory (docs/scaling.md).

    With `keep_titles` the model file carries the ids, titles, dates and labels of its training articles, so that
    explanations can show the nearest of them: whoever has the file can read them.

    `feedback` is a log of what people said of predictions, which the training part takes in (docs/review.md).
    """

    folds: int = 5
    folds_by: str = "auto"
    seed: int = 0
    weights: str = "int8"
    keep: float = 0.95
    memory: str = ""
    keep_titles: bool = False
    feedback: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluateConfig:
    """`bootstrap` resamples of the held-out articles give the intervals at the level `confidence`."""

    bootstrap: int = 1000
    confidence: float = 0.95
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Config:
    """One training run. `to_dict()` spells out every value; `Config.from_dict(c.to_dict()) == c`."""

    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    features: FeatureConfig = field(default_factory=FeatureConfig)
    tags: TagConfig = field(default_factory=TagConfig)
    tree: TreeConfig = field(default_factory=TreeConfig)
    names: NameConfig = field(default_factory=NameConfig)
    event_type: EventTypeConfig = field(default_factory=EventTypeConfig)
    learn: LearnConfig = field(default_factory=LearnConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)

    def __post_init__(self) -> None:
        _check(self)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Nested plain values, JSON-able; tuples as lists."""
        tables: dict[str, dict[str, Any]] = to_table(self)
        return tables

    def to_toml(self) -> str:
        """The same values as TOML, which `load_config` reads back; values that are None are left out.

        >>> print(Config().to_toml().splitlines()[0])
        [corpus]
        """
        return to_toml(self.to_dict())

    @classmethod
    def from_dict(cls, tables: dict[str, Any], *, file: str | Path | None = None) -> Config:
        """Build from nested tables; missing values take their defaults.

        Raises ConfigError for an unknown table or key, a wrong type or a value out of range.
        """
        sections = {f.name: f for f in dataclasses.fields(cls)}
        made: dict[str, Any] = {}
        for name, table in tables.items():
            if name not in sections:
                raise ConfigError("unknown table", file=file, found=name, expected=f"one of {', '.join(sections)}")
            made[name] = from_table(get_type_hints(cls)[name], table, name, file)
        try:
            return cls(**made)
        except ConfigError as error:
            error.file = None if file is None else str(file)
            raise


def load_config(path: str | Path) -> Config:
    """Read a TOML configuration. Raises ConfigError naming the file, and the line where TOML itself is broken."""
    return Config.from_dict(read_toml(path), file=path)


def replace(config: Config, table: str, **changes: Any) -> Config:
    """A copy of `config` with values of one table changed; None values are left as they are."""
    return replace_all(config, {table: changes})


def replace_all(config: Config, tables: Mapping[str, Mapping[str, Any]]) -> Config:
    """`replace` in several tables at once, checked together: a split of another kind may need other tags."""
    made = {
        table: dataclasses.replace(
            getattr(config, table), **{key: value for key, value in changes.items() if value is not None}
        )
        for table, changes in tables.items()
    }
    return dataclasses.replace(config, **made)


def with_corpora(config: Config, names: Sequence[str], said: dict[str, Any]) -> Config:
    """`config` for the corpora `names` (none: its own), each read as `said`; values of `said` that are None are not.

    One corpus keeps what the configuration says of its own corpus; several are read by their own defaults and `said`.
    """
    said = {key: value for key, value in said.items() if value is not None}
    own = config.corpus
    if len(names) > 1:
        corpus = CorpusConfig(sources=tuple(CorpusConfig(name=name, **said) for name in names))
    elif names:
        corpus = dataclasses.replace(own, name=names[0], sources=(), **said)
    elif own.sources:
        corpus = dataclasses.replace(own, sources=tuple(dataclasses.replace(one, **said) for one in own.sources))
    else:
        corpus = dataclasses.replace(own, **said)
    return dataclasses.replace(config, corpus=corpus)


_CHOICES = {
    "split.method": ("auto", "official", "temporal", "random", "none"),
    "tags.label_set": ("trained", "both-sides"),
    "tags.threshold": ("scutfbr", "scut", "global", "plug-in", "rank", "expected-f1", "zero"),
    "names.enabled": ("auto", "always", "never"),
    "learn.folds_by": ("auto", "random", "time"),
    "learn.weights": ("int8", "float16", "float32"),
    "tags.fallback": ("auto", "always", "never"),
    "event_type.levels": ("auto", "two", "flat"),
}
_RANGES: dict[str, tuple[float, float]] = {
    "split.held_out": (0.01, 0.9),
    "split.near_duplicate": (0.0, 1.0),
    "split.seed": (0, 2**31 - 1),
    "tags.C": (1e-6, 1e6),
    "tags.min_articles": (1, 10**6),
    "tags.threshold_shrink": (0.0, 1e6),
    "tags.min_probability": (0.0, 0.9),
    "tree.trees": (1, 100),
    "tree.leaf": (2, 4096),
    "tree.branch": (2, 4096),
    "tree.epochs": (1, 1000),
    "tree.tolerance": (0.0, 10.0),
    "tree.prune": (0.0, 1.0),
    "tree.nearness": (0.0, 100.0),
    "tree.beam": (1, 10**4),
    "tree.candidates": (1, 10**4),
    "tree.held_out": (0.01, 0.5),
    "event_type.min_precision": (0.0, 0.999),
    "event_type.C": (1e-6, 1e6),
    "event_type.balance": (0.0, 2.0),
    "event_type.abstain_below": (0.0, 1.0),
    "learn.folds": (0, 50),
    "learn.seed": (0, 2**31 - 1),
    "learn.keep": (0.5, 1.0),
    "evaluate.bootstrap": (0, 10**5),
    "evaluate.confidence": (0.5, 0.999),
    "evaluate.seed": (0, 2**31 - 1),
}


def _check(config: Config) -> None:
    def value_of(name: str) -> Any:
        table, key = name.split(".")
        return getattr(getattr(config, table), key)

    for name, choices in _CHOICES.items():
        if value_of(name) not in choices:
            raise ConfigError(
                "unknown value", field=name, found=value_of(name), expected=f"one of {', '.join(choices)}"
            )
    for name in ("split.train_before", "split.held_out_before"):
        try:
            dt.date.fromisoformat(value_of(name) or "2000-01-01")
        except ValueError as error:
            raise ConfigError("not a date", field=name, found=value_of(name), expected="YYYY-MM-DD") from error
    for name, (low, high) in _RANGES.items():
        if not low <= value_of(name) <= high:
            raise ConfigError("out of range", field=name, found=value_of(name), expected=f"{low} to {high}")
    recency = config.tree.recency
    if recency != "auto" and not (isinstance(recency, float) and 0.0 <= recency <= 100.0):
        raise ConfigError("out of range", field="tree.recency", found=recency, expected="auto, or 0.0 to 100.0")
    if config.learn.memory:
        parse_size(config.learn.memory, field="learn.memory")
    if any(source.sources for source in config.corpus.sources):
        raise ConfigError("a source cannot have sources of its own", field="corpus.sources")
    if config.learn.folds == 1:
        raise ConfigError("out of range", field="learn.folds", found=1, expected="0, or 2 to 50")
    if config.split.method == "none" and config.tags.label_set == "both-sides":
        raise ConfigError(
            "both-sides needs a held-out part, and split.method is none", field="tags.label_set", expected="trained"
        )
    if config.tags.estimator == "tree" and config.names.enabled == "always":
        raise ConfigError(
            "a label tree does not learn names", field="names.enabled", found="always", expected="auto or never"
        )
    check_views(config.features.views)
