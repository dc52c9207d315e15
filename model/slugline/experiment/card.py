"""The model card: what a model file says of itself, in Markdown. Nothing in it is from anywhere else.

The sections are those of Mitchell et al. 2019, "Model cards for model reporting", as far as a file can know them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slugline.bundle import Bundle, reading_about
from slugline.corpus.split import NOTHING
from slugline.experiment import card_findings
from slugline.experiment.card_facts import card_facts, config_differences
from slugline.experiment.markdown import bullets, code, paragraph, plain, table
from slugline.vocabulary_edits import Edit

_TAG_FIGURES = {
    "micro_f1": "tags: micro-F1",
    "macro_f1": "tags: macro-F1, tags held out",
    "precision_at_3": "tags: precision of the best 3",
    "micro_f1_all": "tags: micro-F1, unseen missed",
    "unseen_tag_share": "tags: unseen in training",
    "ece": "tags: calibration error",
}
_EVENT_FIGURES = {"accuracy": "accuracy", "macro_f1": "macro-F1", "ece": "calibration error"}
_EVENT_HEADS = {"event_type": "event {level}", "event_group": "event group"}
_SHARE_ALIKE = """\
Words, names of tags and weights of the model were learned from text under CC BY-SA 4.0
(https://creativecommons.org/licenses/by-sa/4.0/), whose authors are the contributors of the pages named above; the
model file is passed on under the same licence."""
_RULES = {
    "scutfbr": "a tag is given where its score reaches the tag's own threshold, chosen by cross-validation for its F1; "
    "those of rare tags are pulled towards the one that is best for all (SCutFBR, Yang 2001)",
    "scut": "a tag is given where its score reaches the tag's own threshold, chosen by cross-validation for its F1",
    "global": "a tag is given where its score reaches one threshold for all tags, chosen for micro-F1",
    "plug-in": "a tag is given where its probability reaches half of the best F1 that can be expected (plug-in rule)",
    "zero": "a tag is given where its score is above 0",
    "rank": "the most probable tags are given, as far as they reach their thresholds",
    "expected-f1": "the set of tags with the highest expected F1 is given, as far as they reach their thresholds",
}


def model_card(bundle: Bundle, *, name: str, notes: str = "") -> str:
    """The card of a model, its figures rounded to three decimals; `notes` are paragraphs that come before the licence.

    Lines have at most 80 columns, but for addresses. Deterministic: the same model file gives the same text. Raises
    ModelFileError where the file cannot be understood.
    """
    with reading_about(bundle):
        return _card(card_facts(bundle), name, notes)


def _card(facts: Mapping[str, Any], name: str, notes: str) -> str:
    about = facts["corpus"]
    cross_validated = about.get("split") == NOTHING
    blocks = [
        f"# {plain(name)}",
        paragraph(_knows(facts)),
        "## What it is for",
        *_purpose(facts),
        "## What it was trained on",
        *_trained_on(about),
        "## How well it does",
        paragraph(_held_out(about)),
        _cross_validated(about) if cross_validated else _figures(facts["metrics"]),
        "## How it decides",
        bullets(_decides(facts["decisions"])),
        "## Where it is weak",
        *card_findings.blocks(facts, cross_validated=cross_validated),
        *_edits(facts),
        notes.strip(),
        "## What is inside",
        paragraph(_inside(facts)),
        "## Licence and attribution",
        *_licences(about, texts=bool(facts["text"])),
        "## How to make it again",
        *_again(facts),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _knows(facts: Mapping[str, Any]) -> str:
    parts = []
    if facts["tags"]:
        more = f" ({facts['tags_by_name']:,} tags are known by name)" if facts["tags_by_name"] else ""
        parts.append(f"{facts['tags']:,} tags{more}")
    if facts["event_types"]:
        parts.append(f"{facts['event_types']:,} event types")
    if facts["event_groups"]:
        parts.append(f"{facts['event_groups']:,} groups of event types")
    size = "" if facts["bytes"] is None else f", in a file of {facts['bytes'] / 1e6:.1f} MB"
    return (
        f"A model of Slugline {plain(facts['slugline'])}, format {facts['format']}: TF-IDF and linear classifiers. It "
        f"knows {', '.join(parts)}, over {facts['terms']:,} terms{size}."
    )


def _purpose(facts: Mapping[str, Any]) -> list[str]:
    what = [name for name, count in (("tags", facts["tags"]), ("event types", facts["event_types"])) if count]
    limits = [
        "It knows words, not facts: an event type says what an article reports, not that it happened, and a tag what "
        "an article is about, not that it is right.",
        "It knows the tags and types of its training. News brings new ones, which it cannot give, and its figures are "
        "those of articles like the ones below: in another language, of another kind or of later years it does worse.",
        "Its probabilities were fitted to articles like those of its training; of others they are mostly too high.",
        "Nothing about a person should be decided by it alone.",
    ]
    return [
        paragraph(
            f"It proposes {' and '.join(what)} for news articles like those that it was trained on, for an editor to "
            "accept or reject, or to sort and count many articles where single errors do no harm. Its limits:"
        ),
        bullets(limits),
    ]


def _trained_on(about: Mapping[str, Any]) -> list[str]:
    sources = about.get("sources") or [about]
    keys = ("articles", "train", "held_out", "tagged", "typed")
    rows = [(str(one.get("name", "?")), *(_count(one.get(key)) for key in keys)) for one in sources]
    header = ("corpus", "articles", "training", "held out", "with tags", "with type")
    said = [table(header, rows, right=(1, 2, 3, 4, 5)), bullets([_described(one) for one in sources])]
    if (feedback := about.get("feedback")) is not None:
        counts = {key: _count(feedback.get(key)) for key in ("answers", "articles", "changed", "added")}
        said.append(
            paragraph(
                "What people said of predictions took part: {answers} answers on {articles} articles, {changed} of "
                "which were labelled anew and {added} added.".format(**counts)
            )
        )
    return said


def _described(one: Mapping[str, Any]) -> str:
    """A corpus's name, title and dates."""
    first, last = one.get("first_date"), one.get("last_date")
    dates = f"{first} to {last}" if first and last else "no dates"
    title = f"{plain(str(one['title']))}, " if one.get("title") else ""
    return f"{plain(str(one.get('name', '?')))}: {title}{dates}"


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "-"


def _held_out(about: Mapping[str, Any]) -> str:
    trained = _count(about.get("train", about.get("articles")))
    if about.get("split") == NOTHING and not _cross_validated_rows(about):
        return f"Nothing is known: all {trained} articles trained it, and it was not cross-validated."
    if about.get("split") == NOTHING:
        return (
            f"Nothing was held out: all {trained} articles trained it. Each was judged by classifiers and "
            "thresholds of folds that it is not in, nor a near-copy of it; these figures have no intervals."
        )
    if "held_out" not in about:
        return "The file does not say how it was measured."
    said = f"{about['held_out']:,} articles that nothing was trained on or chosen by; {trained} trained it."
    split = about.get("split")
    if split == "temporal":
        said += " The split is by date: what was held out is later than everything in training, near-copies apart."
    elif split == "random":
        said += " The split is random, near-copies together; on articles of later days it does worse."
    elif split == "official":
        said += " The split is the corpus's own."
    return said + " Intervals are 95 % bootstrap intervals over articles."


def _figures(metrics: Mapping[str, Any]) -> str:
    rows = []
    for head, names in (("tags", _TAG_FIGURES), *((head, _EVENT_FIGURES) for head in _EVENT_HEADS)):
        found = metrics.get(head)
        if found is None:
            continue
        level = found.get("level", "type")
        prefix = "" if head == "tags" else _EVENT_HEADS[head].format(level=level) + ": "
        for key, label in names.items():
            metric = found.get(key)
            if isinstance(metric, Mapping) and metric.get("value") is not None:
                interval = "-" if metric["low"] is None else f"{metric['low']:.3f} to {metric['high']:.3f}"
                rows.append((prefix + label, _count(found.get("articles")), f"{metric['value']:.3f}", interval))
    return table(("measure", "articles", "value", "95 % interval"), rows, right=(1, 2)) if rows else ""


def _cross_validated(about: Mapping[str, Any]) -> str:
    rows = _cross_validated_rows(about)
    return table(("cross-validated measure", "articles", "value"), rows, right=(1, 2)) if rows else ""


def _cross_validated_rows(about: Mapping[str, Any]) -> list[tuple[str, ...]]:
    names = {"tags": _TAG_FIGURES, **dict.fromkeys(_EVENT_HEADS, _EVENT_FIGURES)}
    prefixes = {"tags": "", "event_type": "event type: ", "event_group": "event group: "}
    return [
        (prefixes[head] + names[head][name], f"{values['articles']:,}", f"{values[name]:.3f}")
        for head, values in about.get("cross_validated", {}).items()
        for name in names[head]
        if values.get(name) is not None
    ]


def _decides(decisions: Mapping[str, Any]) -> list[str]:
    said = []
    if (tags := decisions.get("tags")) is not None:
        text = f"**Tags**: {_RULES.get(tags['rule'], plain(tags['rule']))}."
        if tags["thresholds"] is not None:
            low, middle, high = (f"{100 * value:.0f}" for value in tags["thresholds"])
            text += f" As probabilities, thresholds are {middle} %"
            text += "." if low == high else f" in the middle, {low} to {high} % for eight in ten tags."
        if tags["never"]:
            text += f" {tags['never']:,} tags have none and are never given."
        if tags["fallback"]:
            least = f", if its probability is {tags['fallback_from']:.0%} or more" if tags["fallback_from"] else ""
            text += f" An article in which no tag reaches its threshold gets the one that comes nearest{least}."
        said.append(text)
    if (event := decisions.get("event_type")) is not None:
        text = "**Event type**: the most probable one"
        if event.get("abstain_below"):
            text += f"; none where its probability is below {event['abstain_below']:.0%}"
        said.append(text + ". An article without a word that the model knows gets none.")
    return said


def _edits(facts: Mapping[str, Any]) -> list[str]:
    if not facts["edits"]:
        return []
    edits = [Edit.from_dict(edit) for edit in facts["edits"]]
    heads = {edit.head for edit in edits}
    counts = {"tags": ("tags", facts["tags_now"]), "event_type": ("event types", facts["event_types_now"])}
    own = [counts[head] for head in counts if head in heads]
    what, now = " and ".join(name for name, _ in own), " and ".join(f"{count:,} {name}" for name, count in own)
    return [
        f"## What has become of its {what}",
        paragraph(
            f"People have edited its {what} since it was trained: it has {now} now. All figures above "
            f"are those of the {what} as they were trained, in the file with the digest"
        ),
        code(str(facts["original"] or "unknown"), "text"),
        bullets([f"{edit.time[:10]} {plain(edit.who)}: {plain(edit.said)}" for edit in edits]),
    ]


def _inside(facts: Mapping[str, Any]) -> str:
    said = (
        f"The {facts['terms']:,} terms that it looks for (words, pairs and parts of words), the names of its "
        "labels, weights, and what this card says."
    )
    if facts["text"]:
        texts = "; ".join(plain(str(text)) for text in facts["text"].values())
        return f"{said} It also holds text: {texts}. Pass it on only where that may be passed on."
    return f"{said} No text of its training articles is in it."


def _licences(about: Mapping[str, Any], *, texts: bool) -> list[str]:
    sources = about.get("sources") or [about]
    lines = []
    for one in sources:
        what, page, licence = (plain(str(one.get(key) or "")) for key in ("title", "page", "licence"))
        what = what or plain(str(one.get("name")))
        lines.append(f"{what}{', ' if page else ''}{page}: {licence or 'licence not known'}")
    if not any("CC BY-SA" in str(one.get("licence")) for one in sources):
        return [bullets(lines)]
    return [bullets(lines), paragraph(_SHARE_ALIKE + ("" if texts else " No text of theirs is in it."))]


def _again(facts: Mapping[str, Any]) -> list[str]:
    about, config = facts["corpus"], facts["config"]
    seeds = {name: config.get(name, {}).get("seed", 0) for name in ("split", "learn", "evaluate")}
    libraries = ", ".join(f"{plain(name)} {plain(version)}" for name, version in sorted(facts["libraries"].items()))
    written = config_differences(config)
    known = [("model", facts["model"]), ("corpus", about.get("digest")), ("split", about.get("split_digest"))]
    digests = "\n".join(f"{what:<6} {digest}" for what, digest in known if digest)
    return [
        paragraph(
            f"With Slugline {plain(facts['slugline'])} and {libraries or 'libraries that the file does not name'}, the "
            "articles and this configuration (whatever it does not name has Slugline's own value) give the same file:"
        ),
        code("slugline train --config card.toml --out model.safetensors", "bash"),
        code(written or "# nothing", "toml"),
        paragraph(f"Seeds: {', '.join(f'{name} {seed}' for name, seed in seeds.items())}. Digests:"),
        code(digests or "none", "text"),
    ]
