"""The views of the articles in a configuration: what the vectorizer counts."""

from __future__ import annotations

import re
from typing import Any

from slugline.config_toml import from_table
from slugline.errors import ConfigError
from slugline.records import record


@record(frozen=True, slots=True)
class ViewConfig:
    """One view of the articles: which terms of which part, counted and weighted by themselves.

    `part`: "all" (headline and body; headline terms count `title_repeat` times), "headline", "lead" (the first
    `lead_words` words of the body) or "body". `unit`: "word", whose terms are n-grams of `ngram_min` to `ngram_max`
    words, never across headline, paragraphs or what the part leaves out; "stem", the same of words without their
    English endings; or "char", those of so many letters inside a word, whose ends are marked with "-". `heads` says
    which heads learn from the view: "both", "tags" or "event_type". Terms in fewer than `min_df` training articles or
    in more than the share `max_df` are dropped; `max_terms` keeps the most frequent (0: all); `sublinear_tf` uses
    1 + ln(tf). The view's values get the Euclidean length `weight`. `name` stands in a reason for a score:
    "oil (headline)".
    """

    name: str = "words"
    part: str = "all"
    unit: str = "word"
    ngram_min: int = 1
    ngram_max: int = 1
    title_repeat: int = 2
    lead_words: int = 60
    heads: str = "both"
    weight: float = 1.0
    min_df: int = 2
    max_df: float = 1.0
    max_terms: int = 0
    sublinear_tf: bool = True


DEFAULT_VIEWS = (
    ViewConfig("words", heads="tags", weight=1.4),
    ViewConfig("stems", unit="stem", title_repeat=1),
    ViewConfig("lead", part="lead", heads="tags", weight=0.7),
    ViewConfig("stem-pairs", unit="stem", ngram_min=2, ngram_max=2, title_repeat=1, heads="event_type", weight=0.5),
    ViewConfig(
        "letters", unit="char", ngram_min=3, ngram_max=5, title_repeat=1, heads="event_type", weight=0.8, min_df=3
    ),
)
"""What cross-validation over the real corpora chose (experiments/RESULTS.md): tags gain from the words of the lead,
event types, of which there are fewer articles, from whatever brings the forms of a word together."""


@record(frozen=True, slots=True)
class FeatureConfig:
    """The TF-IDF vectorizer: one or more views, whose terms stand side by side in one vocabulary.

    The terms of the first view are written plain, those of the others with the view's name. A view whose heads are not
    trained, because the corpus lacks their labels, is left out.
    """

    views: tuple[ViewConfig, ...] = DEFAULT_VIEWS

    @classmethod
    def from_table(cls, table: Any) -> FeatureConfig:
        """The table `features` of a configuration. Raises ConfigError as `Config.from_dict` does."""
        made: FeatureConfig = from_table(cls, table, "features", None)
        check_views(made.views)
        return made


_VIEW_CHOICES = {
    "part": ("all", "headline", "lead", "body"),
    "unit": ("word", "stem", "char"),
    "heads": ("both", "tags", "event_type"),
}
_VIEW_RANGES: dict[str, tuple[float, float]] = {
    "ngram_min": (1, 10),
    "ngram_max": (1, 10),
    "title_repeat": (1, 20),
    "lead_words": (1, 10**6),
    "weight": (1e-6, 1e6),
    "min_df": (1, 10**6),
    "max_df": (0.001, 1.0),
    "max_terms": (0, 10**9),
}
_VIEW_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


def check_views(views: tuple[ViewConfig, ...]) -> None:
    """Raise ConfigError, naming the view and its key, unless there are views with different names and sound values."""
    if not views:
        raise ConfigError("no view", field="features.views", expected="at least one table [[features.views]]")
    names: set[str] = set()
    for number, view in enumerate(views):
        at = f"features.views[{number}]"
        if not _VIEW_NAME.fullmatch(view.name):
            raise ConfigError(
                "not a name", field=f"{at}.name", found=view.name, expected="small letters, digits and hyphens"
            )
        if view.name in names:
            raise ConfigError("two views have one name", field=f"{at}.name", found=view.name)
        names.add(view.name)
        for key, choices in _VIEW_CHOICES.items():
            if (found := getattr(view, key)) not in choices:
                expected = f"one of {', '.join(choices)}"
                raise ConfigError("unknown value", field=f"{at}.{key}", found=found, expected=expected)
        for key, (low, high) in _VIEW_RANGES.items():
            if not low <= (value := getattr(view, key)) <= high:
                raise ConfigError("out of range", field=f"{at}.{key}", found=value, expected=f"{low} to {high}")
        if view.ngram_max < view.ngram_min:
            raise ConfigError(
                "out of range", field=f"{at}.ngram_max", found=view.ngram_max, expected="at least ngram_min"
            )
