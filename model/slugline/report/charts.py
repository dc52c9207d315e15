"""The charts, each as a Vega-Lite specification made with Altair: plain data in, `Chart` out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slugline.errors import MissingExtraError
from slugline.evaluate.proportions import wilson
from slugline.report.palette import CONFIG, DASHES, FAINT, SERIES, SHAPES
from slugline.report.words import number, percent, short

JSON = Mapping[str, Any]
EVERYTHING = "all together (micro)"


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: `spec` is Vega-Lite, `description` its text alternative, `header` and `rows` its data as a table."""

    name: str
    title: str
    description: str
    spec: dict[str, Any]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def precision_recall(name: str, what: str, curves: Sequence[JSON], decided: Mapping[str | None, JSON]) -> Chart | None:
    """Curves of `what` ("tags"), and where on them the model's own decisions are: `decided` maps labels (None: all) to
    their "precision" and "recall". None where no curve has a point.
    """
    alt = altair()
    drawn = [curve for curve in curves if curve["recall"]][: len(SERIES)]
    if not drawn:
        return None
    names = _different([EVERYTHING if curve["label"] is None else short(curve["label"], 40) for curve in drawn])
    lines = [
        {"label": label, "recall": recall, "precision": precision, "threshold": threshold}
        for label, curve in zip(names, drawn, strict=True)
        for threshold, precision, recall in zip(curve["threshold"], curve["precision"], curve["recall"], strict=True)
    ]
    points = [
        {"label": label} | {key: decided[curve["label"]][key] for key in ("precision", "recall")}
        for label, curve in zip(names, drawn, strict=True)
        if curve["label"] in decided
    ]
    size = len(names)
    x = alt.X("recall:Q", title="Recall", scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("precision:Q", title="Precision", scale=alt.Scale(domain=[0, 1]))
    legend = alt.Legend(symbolType="stroke", symbolSize=500, symbolStrokeWidth=2.5)
    scales = [alt.Scale(domain=names, range=list(values[:size])) for values in (SERIES, DASHES)]
    color = alt.Color("label:N", sort=names, title=None, scale=scales[0], legend=legend)
    dashes = alt.StrokeDash("label:N", sort=names, title=None, scale=scales[1], legend=legend)
    line = (
        alt.Chart(alt.Data(values=lines))
        .mark_line(strokeWidth=2)
        .encode(x=x, y=y, color=color, strokeDash=dashes, order=alt.Order("recall:Q"), tooltip=_tips(alt, "threshold"))
    )
    # A layer each: a legend of their shapes would hide the dashes of the lines.
    marks = [
        alt.Chart(alt.Data(values=[point]))
        .mark_point(size=110, filled=True, opacity=1, shape=SHAPES[names.index(point["label"])])
        .encode(x=x, y=y, color=color, tooltip=_tips(alt))
        for point in points
    ]
    rows = [
        (
            label,
            f"{curve['support']:,}",
            number(curve["average_precision"]),
            number(decided.get(curve["label"], {}).get("precision")),
            number(decided.get(curve["label"], {}).get("recall")),
        )
        for label, curve in zip(names, drawn, strict=True)
    ]
    return Chart(
        name,
        f"Precision and recall of {what}",
        f"Precision against recall of {what} as the threshold falls, for {', '.join(names)}. "
        + " ".join(f"Average precision of {row[0]}: {row[2]}." for row in rows),
        _spec(alt.layer(line, *marks), 300),
        ("curve", "occurrences", "average precision", "precision as decided", "recall as decided"),
        tuple(rows),
        "Symbols mark the model's own decisions. Drawn: all together, the two most frequent, the two weakest of the "
        "others.",
    )


def calibration(name: str, what: str, bins: Sequence[JSON], ece: float | None, how: str) -> Chart | None:
    """Observed frequency against stated probability; None without bins. `how` says what a pair is."""
    alt = altair()
    if not bins:
        return None
    rows = []
    for one in bins:
        low, high = wilson(round(one["observed"] * one["pairs"]), one["pairs"]) or (0.0, 1.0)
        rows.append({**one, "low": low, "high": high})
    x = alt.X("probability:Q", title="Stated probability (mean of the bin)", scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("observed:Q", title="Observed share", scale=alt.Scale(domain=[0, 1]))
    ends = alt.Data(values=[{"probability": 0, "observed": 0}, {"probability": 1, "observed": 1}])
    base = alt.Chart(alt.Data(values=rows))
    whole = max(one["pairs"] for one in bins)
    tips = [
        alt.Tooltip("probability:Q", title="stated", format=".3f"),
        alt.Tooltip("observed:Q", title="observed", format=".3f"),
        alt.Tooltip("pairs:Q", title="count", format=","),
    ]
    chart = alt.layer(
        alt.Chart(ends).mark_line(color=FAINT, strokeDash=[4, 4], strokeWidth=1.5).encode(x=x, y=y),
        base.mark_rule(color=SERIES[1], strokeWidth=2, opacity=0.6).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_point(color=SERIES[1], filled=True, opacity=1).encode(
            x=x,
            y=y,
            size=alt.Size("pairs:Q", legend=None, scale=alt.Scale(domain=[0, whole], range=[25, 150])),
            tooltip=tips,
        ),
    )
    table = [
        (
            number(one["probability"]),
            number(one["observed"]),
            f"{one['low']:.3f} to {one['high']:.3f}",
            f"{one['pairs']:,}",
        )
        for one in rows
    ]
    return Chart(
        name,
        f"Calibration of {what}",
        f"Observed share against stated probability of {what} in {len(rows)} bins; points on the diagonal are "
        f"probabilities that can be taken at their word. Expected calibration error {number(ece)}.",
        _spec(chart, 300),
        ("stated probability", "observed share", "95 % interval", "count"),
        tuple(table),
        f"Expected calibration error {number(ece)}: the mean distance from the dashed line. {how} Bars are 95 % "
        "intervals; larger points stand for more.",
    )


def splits(name: str, results: Sequence[JSON], measures: Sequence[tuple[str, str, str]]) -> Chart | None:
    """Measures side by side by split; `measures` are (head, metric, title)."""
    alt = altair()
    rows = [
        {"measure": title, "split": one["split"], **one[head][metric]}
        for one in results
        for head, metric, title in measures
        if one.get(head, {}).get(metric, {}).get("value") is not None
    ]
    if not rows:
        return None
    names = [one["split"] for one in results]
    titles = list(dict.fromkeys(row["measure"] for row in rows))
    y = alt.Y("measure:N", sort=titles, title=None, axis=alt.Axis(labelLimit=140))
    offset = alt.YOffset("split:N", sort=names)
    colors = alt.Scale(domain=names, range=list(SERIES[1 : len(names) + 1]))
    color = alt.Color("split:N", sort=names, title=None, scale=colors)
    scale = alt.Scale(domain=[0, 1])
    shape = alt.Shape(
        "split:N", sort=names, title=None, scale=alt.Scale(domain=names, range=list(SHAPES[: len(names)]))
    )
    base = alt.Chart(alt.Data(values=rows))
    tips = [alt.Tooltip("split:N"), alt.Tooltip("measure:N"), alt.Tooltip("value:Q", format=".3f")]
    bars = alt.Chart(alt.Data(values=[row for row in rows if row.get("low") is not None]))
    low, value = (
        alt.X(f"{key}:Q", title="Value and its interval", scale=scale, axis=alt.Axis(format=".1f", tickCount=10))
        for key in ("low", "value")
    )
    chart = alt.layer(
        bars.mark_rule(strokeWidth=2).encode(y=y, yOffset=offset, x=low, x2="high:Q", color=color),
        base.mark_point(filled=True, size=90, opacity=1).encode(
            y=y, yOffset=offset, x=value, color=color, shape=shape, tooltip=tips
        ),
    )
    said = [f"{row['measure']}, {row['split']}: {number(row['value'])}." for row in rows]
    return Chart(
        name,
        "The same configuration under several splits",
        " ".join(said),
        _spec(chart, 30 * len(titles) * max(1, len(names)) // 2 + 60),
        ("measure", "split", "value", "interval"),
        tuple(
            (
                row["measure"],
                row["split"],
                number(row["value"]),
                "" if row.get("low") is None else f"{row['low']:.3f} to {row['high']:.3f}",
            )
            for row in rows
        ),
    )


def moves(name: str, what: str, movers: Sequence[JSON]) -> Chart | None:
    """How the shares of the labels that moved most differ between training and held-out articles."""
    alt = altair()
    if not movers:
        return None
    labels = _different([short(one["label"], 30) for one in movers])
    sides = ("training", "held out")
    ends = [
        {"label": label, "side": side, "share": one[key]}
        for label, one in zip(labels, movers, strict=True)
        for side, key in zip(sides, ("train", "held_out"), strict=True)
    ]
    pairs = [
        {"label": label, "a": one["train"], "b": one["held_out"]} for label, one in zip(labels, movers, strict=True)
    ]
    y = alt.Y("label:N", sort=labels, title=None)
    title = "Share of articles"
    color = alt.Color("side:N", sort=list(sides), title=None, scale=alt.Scale(domain=sides, range=list(SERIES[1:3])))
    shape = alt.Shape("side:N", sort=list(sides), title=None, scale=alt.Scale(domain=sides, range=list(SHAPES[:2])))
    tips = [alt.Tooltip("label:N"), alt.Tooltip("side:N"), alt.Tooltip("share:Q", format=".1%")]
    chart = alt.layer(
        alt.Chart(alt.Data(values=pairs))
        .mark_rule(color=FAINT, strokeWidth=2)
        .encode(y=y, x=alt.X("a:Q", title=title, axis=alt.Axis(format="%", tickCount=6)), x2="b:Q"),
        alt.Chart(alt.Data(values=ends))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            y=y,
            x=alt.X("share:Q", title=title, axis=alt.Axis(format="%", tickCount=6)),
            color=color,
            shape=shape,
            tooltip=tips,
        ),
    )
    rows = [(one["label"], percent(one["train"]), percent(one["held_out"])) for one in movers]
    said = [f"{label}: {train} of the training, {held} of the held-out articles." for label, train, held in rows]
    return Chart(
        name,
        f"{what.capitalize()} whose share moved most",
        " ".join(said),
        _spec(chart, 22 * len(labels) + 40),
        (what.removesuffix("s"), "share in training", "share held out"),
        tuple(rows),
    )


def altair() -> Any:
    """Altair. Raises MissingExtraError with the command that installs it."""
    try:
        import altair as found
        import vl_convert  # noqa: F401  (a report without it would need a server)
    except ImportError as error:
        raise MissingExtraError("the HTML report", "report") from error
    return found


def _spec(chart: Any, height: int) -> dict[str, Any]:
    """The specification, as wide as its place on the page."""
    found: dict[str, Any] = chart.properties(width="container", height=height).to_dict(validate=False)
    # The address of the schema is not looked up, but a file that opens without a network needs none.
    found.pop("$schema", None)
    return found | {"autosize": {"type": "fit-x", "contains": "padding"}, "config": CONFIG}


def _tips(alt: Any, *more: str) -> list[Any]:
    fields = [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("precision", "recall", *more)]
    return [alt.Tooltip("label:N", title="curve"), *fields]


def _different(names: Sequence[str]) -> list[str]:
    """The names, with a number behind one that occurred before, as cutting may make them the same."""
    found: list[str] = []
    for name in names:
        same = sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({same + 1})" if name in found else name)
    return found
