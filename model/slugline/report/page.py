"""The page: what the report's sections show, put together by a template that escapes everything."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slugline.errors import MissingExtraError
from slugline.report import charts, tables, vega
from slugline.report.data import Report
from slugline.report.words import HEADS, MISSING, count, number, percent, rule

if TYPE_CHECKING:
    from jinja2 import Environment

JSON = Mapping[str, Any]
TEMPLATES = Path(__file__).parent / "templates"
HEAD_ORDER = ("tags", "event_type", "event_group")
SPLIT_MEASURES = (
    ("tags", "micro_f1", "tags: micro-F1"),
    ("tags", "macro_f1", "tags: macro-F1"),
    ("event_type", "accuracy", "events: accuracy"),
    ("event_type", "macro_f1", "events: macro-F1"),
)


def render(report: Report) -> str:
    """The report as one HTML file: it asks for nothing from anywhere, and is complete without JavaScript.

    Deterministic: the same data gives the same text. Raises MissingExtraError where the extra `report` is missing.
    """
    charts.altair()
    evaluation = report.evaluation
    heads = [_head(name, report) for name in HEAD_ORDER if evaluation.get(name)]
    scripts = {"vega": vega.script(), "own": (TEMPLATES / "report.js").read_text(encoding="utf-8")}
    drift = [one for one in (_drift(name, evaluation) for name in HEAD_ORDER if evaluation.get(name)) if one]
    drawn = [chart for head in heads for chart in head["charts"]] + [one["chart"] for one in drift]
    split = _splits(report.splits)
    drawn.append(None if split is None else split["chart"])
    context = {
        "report": report,
        "evaluation": evaluation,
        "title": f"{evaluation['corpus']}: {_part(evaluation)}",
        "part": _part(evaluation),
        "few": evaluation["articles"] < tables.FEW,
        "heads": heads,
        "splits": split,
        "drift": drift,
        "words": evaluation.get("unknown_words") or {},
        "settings": tables.settings(report.model.get("config", {})),
        "suspects": _suspects(report.suspects),
        "origin": _origin(report),
        "missing": _missing(report),
        "about": report.model.get("corpus", {}),
        "css": (TEMPLATES / "report.css").read_text(encoding="utf-8"),
        "scripts": scripts if any(drawn) else {"own": scripts["own"]},
        "policy": _policy(scripts.values()),
    }
    return _environment().get_template("page.html").render(context)


def _head(name: str, report: Report) -> dict[str, Any]:
    """What the page says of one head."""
    found: JSON = report.evaluation[name]
    level = found.get("level", "type")
    thresholds = report.thresholds.get(name, {})
    counts = report.model.get("corpus", {}).get("label_counts") or {}
    trained = counts.get(name) if name != "event_group" else None
    if level == "group":
        trained = None
    rows, left_out = tables.label_rows(found, trained, thresholds)
    what = HEADS[name].lower() if level == "type" else "groups of event types"
    decided: dict[str | None, JSON] = {one["label"]: one for one in found["per_label"] if one["predicted"]}
    metrics = found["metrics"]
    # Of no decision at all there is no precision.
    if decided and metrics["micro_precision"]["value"] is not None:
        decided[None] = {
            "precision": metrics["micro_precision"]["value"],
            "recall": metrics["micro_recall"]["value"],
        }
    how = (
        "A point is a bin of the most probable tags of each article, as many in each bin."
        if name == "tags"
        else "A point is a bin of the articles by the probability of their most probable label."
    )
    return {
        "id": name.replace("_", "-"),
        "key": name,
        "name": HEADS[name],
        "what": what,
        "label": {"tags": "tag", "event_type": "event type"}.get(name, "group") if level == "type" else "group",
        "found": found,
        "rule": rule(found["rule"]),
        "tiles": tables.tiles(name, found),
        "metrics": tables.metric_rows(found),
        "charts": [
            _drawn(charts.precision_recall(f"{name}-pr", what, found.get("curves", ()), decided)),
            _drawn(
                charts.calibration(
                    f"{name}-calibration", what, found.get("reliability", ()), metrics["ece"]["value"], how
                )
            ),
        ],
        "rows": rows,
        "left_out": left_out,
        "trained": trained is not None,
        "thresholds": bool(thresholds),
        "confusion": tables.confusion(found),
        "bands": tables.band_rows(found),
        "lengths": tables.length_table(found),
        "errors": tables.errors(name, found, report.explained),
        "confused": [
            (one["true"], one["given"], f"{one['articles']:,}", percent(one["share"]))
            for one in found.get("confused", [])
        ],
    }


def _drift(name: str, evaluation: JSON) -> dict[str, Any] | None:
    found = evaluation[name].get("drift")
    if not found:
        return None
    what = HEADS[name].lower()
    return {"name": HEADS[name], "found": found, "chart": _drawn(charts.moves(f"{name}-moves", what, found["movers"]))}


def _splits(found: JSON | None) -> dict[str, Any] | None:
    if found is None:
        return None
    chart = _drawn(charts.splits("splits-chart", found["splits"], SPLIT_MEASURES))
    rows = [
        (one["split"], f"{one['train']:,}", f"{one['held_out']:,}", f"{one['straddling']:,}", one["is"])
        for one in found["splits"]
    ]
    return {"found": found, "chart": chart, "rows": rows}


def _suspects(found: JSON | None) -> list[tuple[str, list[tuple[str, ...]], int]]:
    """By head: its name, its suspects as rows, and how many there are in all."""
    return [
        (
            HEADS[head],
            [
                (
                    one["title"] or one["id"],
                    one["problem"],
                    one["label"] or MISSING,
                    one["suggested"] or MISSING,
                    number(one["score"]),
                )
                for one in found[head]
            ],
            found["suspects"][head],
        )
        for head in ("event_type", "tags")
        if found and head in found["judged"]
    ]


def _origin(report: Report) -> list[tuple[str, str]]:
    """Where the model comes from, as far as its file says."""
    about = report.model.get("corpus", {})
    seed = report.model.get("config", {}).get("learn", {}).get("seed")
    libraries = report.model.get("libraries", {})
    rows = [
        ("model file", report.evaluation["model"]),
        ("run", report.run),
        ("edits of its labels", _edits(report.model.get("edits", ()))),
        ("corpus", str(about.get("name", ""))),
        ("corpus digest", str(about.get("digest", ""))),
        ("dates", " to ".join(filter(None, (about.get("first_date"), about.get("last_date"))))),
        ("split", str(about.get("split", ""))),
        ("split digest", str(about.get("split_digest", ""))),
        ("training articles", f"{about['train']:,}" if "train" in about else ""),
        ("held-out articles", f"{about['held_out']:,}" if "held_out" in about else ""),
        ("licence", str(about.get("licence") or "")),
        ("seed", "" if seed is None else str(seed)),
        ("Slugline", str(report.model.get("slugline", ""))),
        ("libraries", ", ".join(f"{name} {version}" for name, version in libraries.items())),
    ]
    return [row for row in rows if row[1]]


def _edits(edits: Sequence[JSON]) -> str:
    """How often the labels were edited since training, and which model that was."""
    if not edits:
        return ""
    said = f"{count(len(edits), 'edit')} since training, after which these figures were measured"
    return f"{said}; before them it was {edits[0].get('model') or 'unknown'}"


def _missing(report: Report) -> list[tuple[str, str]]:
    """What was not measured, and how it would be."""
    found = []
    if report.splits is None:
        found.append(("several splits side by side, measured by", "slugline evaluate --report FILE --splits"))
    if report.suspects is None:
        found.append(("labels that look wrong, found by", "slugline evaluate --report FILE --suspects"))
    return found


def _drawn(chart: charts.Chart | None) -> dict[str, Any] | None:
    """A chart with its still picture and its specification, ready to be put on the page."""
    if chart is None:
        return None
    from markupsafe import Markup

    return {
        "chart": chart,
        # Both are made of data by libraries that escape it; a test looks for what would get through.
        "still": Markup(vega.still(chart.spec, chart.name)),
        "spec": Markup(vega.embedded(chart.spec)),
    }


def _part(evaluation: JSON) -> str:
    if evaluation["part"] == "all":
        return f"all {count(evaluation['articles'], 'article')}"
    return count(evaluation["articles"], f"{evaluation['part']} article")


def _policy(scripts: Any) -> str:
    """The content security policy: no address at all, and no script but these."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    style = "style-src 'unsafe-inline'; img-src data:"
    return f"default-src 'none'; script-src {hashes}; {style}; base-uri 'none'; form-action 'none'"


@functools.cache
def _environment() -> Environment:
    try:
        import jinja2
    except ImportError as error:
        raise MissingExtraError("the HTML report", "report") from error
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"number": number, "percent": percent, "trusted": _trusted}
    return found


def _trusted(text: str) -> Any:
    """Our own files, which are no data: the style sheet and the scripts."""
    from markupsafe import Markup

    return Markup(text)
