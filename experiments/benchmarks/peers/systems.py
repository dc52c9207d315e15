"""The systems that are compared: whose environment, which adapter, which settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class System:
    """One row of a table.

    `environment` is a key of `environments.REQUIREMENTS`; `adapter` a file of adapters/; `settings` go to it as they
    are. Systems with the same `search` share one grid search. `kinds` says which tasks it can do; `notes` goes under
    the tables.
    """

    name: str
    environment: str
    adapter: str
    settings: dict[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ("tags", "types")
    search: str | None = None
    notes: str = ""

    @property
    def search_name(self) -> str:
        """The folder of its grid search."""
        return self.search or self.name


TAGS = ("tags",)
TYPES = ("types",)

SYSTEMS = {
    one.name: one
    for one in (
        System(
            "sklearn-svc", "scikit-learn", "with_sklearn.py", {"model": "svc", "decide": "plain"}, search="sklearn-svc"
        ),
        System(
            "fasttext", "fasttext", "with_fasttext.py", notes="one thread; articles without labels are not trained on"
        ),
        System("omikuji-parabel", "omikuji", "with_omikuji.py", {"tree": "parabel"}),
        System("omikuji-bonsai", "omikuji", "with_omikuji.py", {"tree": "bonsai"}),
        System("napkinxc-plt", "napkinxc", "with_napkinxc.py", {"model": "plt"}, TAGS),
        System("napkinxc-br", "napkinxc", "with_napkinxc.py", {"model": "br"}, TAGS),
        System("napkinxc-hsm", "napkinxc", "with_napkinxc.py", {"model": "hsm"}, TYPES),
        System("napkinxc-ovr", "napkinxc", "with_napkinxc.py", {"model": "ovr"}, TYPES),
        System(
            "libmultilabel-1vsrest",
            "libmultilabel",
            "with_libmultilabel.py",
            {"technique": "1vsrest", "decide": "plain"},
            search="lml",
        ),
        System("libmultilabel-tree", "libmultilabel", "with_libmultilabel.py", {"technique": "tree"}, TAGS),
        System(
            "sklearn-svc-cv",
            "scikit-learn",
            "with_sklearn.py",
            {"model": "svc", "decide": "cv"},
            TAGS,
            "sklearn-svc",
            "SCutFBR, thresholds and its limit by 5-fold cross-validation",
        ),
        System(
            "sklearn-svc-scut",
            "scikit-learn",
            "with_sklearn.py",
            {"model": "svc", "decide": "scut"},
            TAGS,
            "sklearn-svc",
            "SCut by 5-fold cross-validation, which favours macro-F1",
        ),
        System(
            "libmultilabel-thresholding",
            "libmultilabel",
            "with_libmultilabel.py",
            {"technique": "thresholding"},
            TAGS,
            "lml",
        ),
        System(
            "sklearn-lr", "scikit-learn", "with_sklearn.py", {"model": "lr", "decide": "plain"}, search="sklearn-lr"
        ),
        System("sklearn-lr-cv", "scikit-learn", "with_sklearn.py", {"model": "lr", "decide": "cv"}, TAGS, "sklearn-lr"),
        System("pecos-xr-linear", "pecos", "with_pecos.py"),
        System(
            "libmultilabel-cost-sensitive",
            "libmultilabel",
            "with_libmultilabel.py",
            {"technique": "cost-sensitive"},
            TAGS,
            "lml",
        ),
        System(
            "annif-svc", "annif", "with_annif.py", {"backend": "svc"}, notes="keeps one tag of each training article"
        ),
        System("annif-omikuji", "annif", "with_annif.py", {"backend": "omikuji"}),
        System("annif-fasttext", "annif", "with_annif.py", {"backend": "fasttext"}),
        System(
            "annif-ensemble", "annif", "with_annif.py", {"backend": "ensemble"}, notes="omikuji and fasttext, weighted"
        ),
        System("slugline", "slugline", ""),
    )
}
"""In the order in which they are run: quick ones first, Slugline, which is run again and again, last."""
