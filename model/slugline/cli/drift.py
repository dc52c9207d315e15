"""`slugline drift`: incoming articles, or a log of feedback, against a model's training articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from slugline.cli import console, options

if TYPE_CHECKING:
    from slugline.experiment.incoming import Incoming, Signal

NAMES = {
    "unknown_words": "unknown words",
    "tag_probability": "best tag's probability",
    "event_type_probability": "event type's probability",
    "tags": "shares of tags",
    "event_types": "shares of event types",
    "accepted": "accepted labels",
}
SAID = {
    "ok": "no need to train again",
    "watch": "keep watching: there is a change, not yet a large one",
    "retrain": "time to train again, with articles and feedback of now",
}
_MOVERS = 3


def drift(
    source: Annotated[
        str, typer.Argument(metavar="LOG|CORPUS", help="A log of feedback, or articles: a file, folder, name, or -.")
    ],
    model: options.Model = None,
    skip_bad: options.SkipBad = False,
    fail_on_drift: Annotated[
        bool, typer.Option("--fail-on-drift", help="Exit with 1 where it is time to train again.")
    ] = False,
    form: options.Form = options.Format.table,
) -> None:
    """Compare incoming articles, or a log of feedback, with what a model was trained on: is it time to train again?"""
    from slugline.bundle import read_bundle
    from slugline.corpus.named import named_articles
    from slugline.experiment.incoming import RETRAIN, compare_articles
    from slugline.experiment.promises import compare_feedback, is_log
    from slugline.feedback import read

    bundle = read_bundle(options.find_model(model))
    if is_log(source):
        found = compare_feedback(bundle, list(read(source, lambda torn: console.err(f"slugline: {torn}"))), source)
    else:
        with console.skipping(skip_bad) as on_bad, console.progress_bar() as progress:
            found = compare_articles(bundle, named_articles(source, progress, on_bad), source, progress)
    if form is options.Format.json:
        console.out_json(found.to_dict())
    else:
        console.out(drift_text(found))
    if fail_on_drift and found.verdict == RETRAIN:
        raise typer.Exit(1)


def drift_text(found: Incoming) -> str:
    """The signals in 80 columns, what moved most, and what it all says."""
    rows = [(NAMES[one.name], *_numbers(one), one.says) for one in found.signals]
    blocks = [console.bold(console.short(console.printable(found.source), 60)) + f": {found.articles:,}"]
    if rows:
        blocks.append(console.table(("", "then", "now", "by chance", "says"), rows, right=(1, 2, 3)))
    for signal in found.signals:
        movers = signal.detail.get("movers", [])[:_MOVERS]
        if movers and signal.says != "ok":
            lines = [f"{NAMES[signal.name]} that moved most:"]
            lines += [
                f"  {console.short(console.printable(one['label']), 40):<40} "
                f"{_percent(one['reference']):>7} -> {_percent(one['now']):>7}"
                for one in movers
            ]
            blocks.append("\n".join(lines))
    blocks += [console.dim(f"note: {note}") for note in found.notes]
    blocks.append(console.bold(found.verdict) + f": {SAID[found.verdict]}")
    return "\n\n".join(blocks)


def _numbers(signal: Signal) -> tuple[str, str, str]:
    """Then, now, and the range of chance."""
    detail: dict[str, Any] = signal.detail
    if "mean" in detail:
        then, now = detail["reference"], detail["mean"]
        return _percent(then), _percent(now), f"{_percent(detail['low'])} to {_percent(detail['high'])}"
    if "movers" in detail:
        moved, chance = detail["total_variation"], detail["by_chance"]
        return "", f"{_percent(moved)} moved", f"{_percent(chance)} moved"
    then = detail["promised"] if "promised" in detail else detail["held_out_precision"]
    return _percent(then), _percent(detail["accepted"]), f"{_percent(detail['low'])} to {_percent(detail['high'])}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
