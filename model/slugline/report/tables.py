"""The report's tables, from the documented objects: what the page's template shows, cell by cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from slugline.evaluate.proportions import f1_interval, wilson
from slugline.report.words import MISSING, TILES, interval, metric_name, number, percent, percents

JSON = Mapping[str, Any]
LABELS_SHOWN = 1000
"""Rows of the table of labels; more would make the page slow on a phone and the file large."""
CONFUSION_SHOWN = 40
FEW = 50
"""Of fewer articles than this, one more or less moves a figure by 2 points and more."""


def tiles(head: str, evaluation: JSON) -> list[dict[str, Any]]:
    """The headline numbers of a head, each with its interval and, in per cent of the scale, where it lies."""
    level = evaluation.get("level", "type")
    found = []
    for key, (name, about) in TILES[head].items():
        metric = evaluation["metrics"].get(key)
        if metric is None or metric["value"] is None:
            continue
        bounds = metric["low"], metric["high"]
        found.append(
            {
                "name": name,
                "value": percent(metric["value"]) if key == "abstained" else number(metric["value"]),
                "interval": percents(metric) if key == "abstained" else interval(metric),
                "about": about.format(level="event type" if level == "type" else "group"),
                "at": round(100 * metric["value"], 2),
                "from": None if None in bounds else round(100 * bounds[0], 2),
                "width": None if None in bounds else round(max(100 * (bounds[1] - bounds[0]), 0.6), 2),
            }
        )
    return found


def metric_rows(evaluation: JSON) -> list[tuple[str, str, str]]:
    """Every metric of a head that is defined: name, value, interval."""
    return [
        (metric_name(key), number(metric["value"]), interval(metric))
        for key, metric in evaluation["metrics"].items()
        if metric["value"] is not None
    ]


def band_rows(evaluation: JSON) -> list[tuple[str, ...]]:
    """One row for each band of tags by how many training articles they had, without those that nothing is of."""
    return [
        (
            one["training_articles"],
            f"{one['labels']:,}",
            f"{one['support']:,}",
            f"{one['given']:,}",
            number(one["metrics"]["micro_f1"]["value"]),
            interval(one["metrics"]["micro_f1"]),
        )
        for one in evaluation.get("by_training_articles", ())
        if one["labels"] or one["given"]
    ]


def length_table(evaluation: JSON) -> dict[str, Any] | None:
    """The "measure" of articles by how many words they have, and its "rows"; None where it was not measured."""
    bands = evaluation.get("by_length")
    if not bands:
        return None
    key = "micro_f1" if "micro_f1" in bands[0]["metrics"] else "accuracy"
    rows = [
        (one["words"], f"{one['articles']:,}", number(one["metrics"][key]["value"]), interval(one["metrics"][key]))
        for one in bands
    ]
    return {"measure": metric_name(key), "rows": rows}


def label_rows(
    evaluation: JSON, trained: Mapping[str, int] | None, thresholds: Mapping[str, float | None]
) -> tuple[list[dict[str, Any]], int]:
    """One row for each label, those that most held-out articles have first, and how many labels were left out.

    Labels that no article has or was given are left out first: there is nothing to say of them.
    """
    confidence = evaluation["intervals"]["confidence"]
    scores = sorted(
        evaluation["per_label"], key=lambda one: (-one["support"], -one["predicted"], one["label"].casefold())
    )
    # Of a tree with thousands of tags most do not occur in the held-out articles.
    shown = scores if len(scores) <= LABELS_SHOWN else [one for one in scores if one["support"] or one["predicted"]]
    shown = shown[:LABELS_SHOWN]
    rows = []
    for one in shown:
        support, predicted = one["support"], one["predicted"]
        hits = round(one["recall"] * support)
        threshold = thresholds.get(one["label"])
        known = one["label"] in thresholds
        rows.append(
            {
                "label": one["label"],
                "trained": None if trained is None else trained.get(one["label"], 0),
                "support": support,
                "predicted": predicted,
                "precision": _measure(one["precision"], wilson(hits, predicted, confidence)),
                "recall": _measure(one["recall"], wilson(hits, support, confidence)),
                "f1": _measure(one["f1"], f1_interval(hits, predicted, support, confidence)),
                "threshold": {
                    "sort": threshold if threshold is not None else 2 if known else -1,
                    "text": number(threshold, 2) if threshold is not None else "never" if known else MISSING,
                },
            }
        )
    return rows, len(scores) - len(rows)


def _measure(value: float, bounds: tuple[float, float] | None) -> dict[str, Any]:
    if bounds is None:
        return {"sort": -1, "text": MISSING, "interval": ""}
    return {"sort": value, "text": number(value, 2), "interval": f"{bounds[0]:.2f}–{bounds[1]:.2f}"}


def confusion(evaluation: JSON) -> dict[str, Any] | None:
    """The table of true and given event types; of many types, those that most articles have.

    A cell has its count, its share of the row, and `shade` from 0 to 1 by that share.
    """
    table = evaluation.get("confusion")
    if not table or not table["counts"]:
        return None
    totals = [sum(row) for row in table["counts"]]
    order = sorted(range(len(totals)), key=lambda row: (-totals[row], table["truth"][row]))[:CONFUSION_SHOWN]
    chosen = [table["truth"][row] for row in order]
    columns = [table["predicted"].index(label) for label in chosen if label in table["predicted"]]
    rest = [column for column in range(len(table["predicted"])) if column not in columns]
    # What was given and is not among the rows has columns of its own where there is room, the abstentions one always.
    given = [column for column in rest if any(table["counts"][row][column] for row in order)]
    abstained = [column for column in given if table["predicted"][column] is None]
    others = [column for column in given if table["predicted"][column] is not None]
    own = others if len(columns) + len(others) <= CONFUSION_SHOWN else []
    shown = columns + own
    header = [table["predicted"][column] for column in shown]
    rows = []
    for row in order:
        counts = [(table["predicted"][column] == table["truth"][row], table["counts"][row][column]) for column in shown]
        if others and not own:
            counts.append((False, sum(table["counts"][row][column] for column in others)))
        counts += [(False, table["counts"][row][column]) for column in abstained]
        rows.append(
            {
                "label": table["truth"][row],
                "total": totals[row],
                "cells": [
                    {"count": count, "right": right, "shade": round(count / max(1, totals[row]), 3)}
                    for right, count in counts
                ],
            }
        )
    header += ["(other)"] if others and not own else []
    header += ["(abstained)"] if abstained else []
    return {"header": header, "rows": rows, "left_out": len(totals) - len(order)}


def settings(config: JSON) -> list[tuple[str, str]]:
    """Every value of a configuration by its full name, as in the TOML file."""
    rows: list[tuple[str, str]] = []
    for section, values in config.items():
        if isinstance(values, Mapping):
            rows += [(f"{section}.{key}", _value(value)) for key, value in values.items() if value is not None]
        elif values is not None:
            rows.append((section, _value(values)))
    return rows


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def errors(head: str, evaluation: JSON, explained: Sequence[JSON]) -> dict[str, list[dict[str, Any]]]:
    """The worst errors of a head, "given" and "missed": each what the evaluation says, and its evidence where known."""
    known = {(one["head"], one["kind"], one["id"], one["label"]): one for one in explained}
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, mistakes in evaluation.get("worst_errors", {}).items():
        found[kind] = []
        for one in mistakes:
            more = known.get((head, kind, one["id"], one["label"]), {})
            terms = more.get("terms", [])
            strongest = more.get("strongest") or 1.0
            largest = max((abs(term["contribution"]) for term in terms), default=0.0) or 1.0
            found[kind].append(
                {
                    **one,
                    "title": [_passage(part, strongest) for part in more.get("title", [])]
                    or [{"text": one["title"] or "(no title)", "side": "", "strength": 0}],
                    "probability": percent(one["probability"]),
                    "labels": more.get("true", []),
                    "text": [_passage(part, strongest) for part in more.get("text", [])],
                    "terms": [
                        {
                            "term": term["term"],
                            "said": f"{term['contribution']:+.2f}",
                            "width": round(100 * abs(term["contribution"]) / largest, 1),
                            "side": _side(term["contribution"]),
                        }
                        for term in terms
                    ],
                }
            )
    return found


def _passage(part: JSON, strongest: float) -> dict[str, Any]:
    weight = part["contribution"]
    return {
        "text": part["text"],
        "side": "" if not weight else _side(weight),
        # Four strengths, so that weak evidence can still be told from none.
        "strength": min(4, 1 + int(4 * abs(weight) / strongest)),
    }


def _side(contribution: float) -> str:
    return "for" if contribution > 0 else "against"
