"""Editing the tags and event types of a model file after training, without training it again."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slugline.bundle import Bundle, label_counts, read_bundle
from slugline.bundle.rewrite import rewrite_manifest
from slugline.errors import ModelFileError, OutputError
from slugline.event_vocabulary import EventVocabulary
from slugline.files import PATIENCE, check_writable
from slugline.locks import holding
from slugline.resources import shipped_model
from slugline.tag_vocabulary import TagVocabulary
from slugline.vocabulary_edits import Edit, Tag


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of a model file: where it is now, its digests before and after, and the edits that were made."""

    out: Path
    before: str
    digest: str
    edits: tuple[Edit, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        edits = [edit.to_dict() for edit in self.edits]
        return {"out": str(self.out), "before": self.before, "model": self.digest, "edits": edits}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A tag, an event type or a group of them as it is now; `articles` is how many training articles its labels have,
    None where that is not known.

    `by_name` says that the model has no weights for a tag and knows it by its name alone. `group` is what an event type
    is in now; of a group, of a type without one, and of a tag, None.
    """

    tag: Tag
    articles: int | None
    by_name: bool = False
    group: str | None = None
    head: str = TagVocabulary.HEAD

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        said = self.tag.to_dict() | {"training_articles": self.articles}
        if self.head == TagVocabulary.HEAD:
            return said | {"by_name": self.by_name}
        return {"event_type" if key == "tag" else key: value for key, value in said.items()} | {"group": self.group}


def edit_labels(
    model: Path, edits: Sequence[Edit], *, out: Path | None = None, who: str | None = None, time: str | None = None
) -> Edited:
    """Make `edits`, all or none of them, in the file `model`, or in a copy of it, `out`; they are of one head.

    Each edit is kept with `who` made it (by default the user), the `time` (by default now; `$SOURCE_DATE_EPOCH` counts)
    and the digest of the model before. The arrays, the self-test and everything that the file says of its training
    stay as they are. Two who edit one file do so one after the other. Raises VocabularyError for an edit that cannot be
    made, ModelFileError, OutputError.
    """
    target = (out or model).resolve()
    if out is None and _is_shipped(model):
        raise OutputError("comes with Slugline and is not edited in place", file=model, expected="--out FILE")
    with holding(target, PATIENCE) as held:
        if held is False:
            raise OutputError("another process keeps it locked", file=target, expected="to try again")
        return _edit(model, target, edits, who, time, held=held is True)


def _edit(model: Path, target: Path, edits: Sequence[Edit], who: str | None, time: str | None, *, held: bool) -> Edited:
    bundle = read_bundle(model)
    check_writable(target)
    vocabulary = vocabulary_of(bundle, edits[0].head if edits else TagVocabulary.HEAD)
    known = len(vocabulary.edits)
    said = {"who": who or _user(), "time": time or _now(), "model": bundle.digest}
    for edit in edits:
        vocabulary = vocabulary.edited(replace(edit, **said))
    made = vocabulary.edits[known:]

    def change(manifest: dict[str, Any]) -> dict[str, Any]:
        return manifest | {"edits": [*manifest.get("edits", []), *(edit.to_dict() for edit in made)]}

    digest = rewrite_manifest(model, target, change, digest=bundle.digest, held=held)
    return Edited(target, bundle.digest, digest, made)


def vocabulary_of(bundle: Bundle, head: str) -> TagVocabulary:
    """The vocabulary of a head, "tags" or "event_type". Raises ModelFileError where the model has no such head."""
    if head not in bundle.heads:
        what = "tags" if head == TagVocabulary.HEAD else "event types"
        raise ModelFileError(f"has no {what}", file=bundle.path, field=head)
    return bundle.tag_vocabulary() if head == TagVocabulary.HEAD else bundle.event_vocabulary()


def label_rows(bundle: Bundle, head: str, text: str = "", *, edited: bool = False) -> list[LabelRow]:
    """A head's labels as they are now, retired ones last, by name, types by group.

    With `text` those that have it in one of their names, with `edited` those that edits have changed. Raises
    ModelFileError as `vocabulary_of` does.
    """
    vocabulary = vocabulary_of(bundle, head)
    counts = label_counts(bundle.manifest.corpus)
    heads = set(bundle.heads[head].labels)
    rows = []
    for tag in vocabulary.touched if edited else vocabulary.tags():
        if text and not any(text.casefold() in name.casefold() for name in (tag.name, *tag.others)):
            continue
        # A label that has no weights was seldom a tag, or never.
        articles = None if counts is None else sum(counts[head].get(label, 0) for label in tag.labels)
        if isinstance(vocabulary, EventVocabulary):
            rows.append(LabelRow(tag, articles, group=vocabulary.group_now(tag), head=head))
        else:
            rows.append(LabelRow(tag, articles, heads.isdisjoint(tag.labels)))
    # A group before its types.
    return sorted(
        rows,
        key=lambda row: (
            row.tag.retired,
            (row.group or row.tag.name).casefold(),
            row.group is not None,
            row.tag.name.casefold(),
            row.tag.name,
        ),
    )


def alias_file(vocabulary: TagVocabulary) -> str:
    """The names that edits have given to tags, as an alias file for the next training (`train --aliases`)."""
    tags = [tag for tag in vocabulary.touched if tag.others and not tag.retired]
    # JSON's strings are TOML too, but for one character that TOML wants escaped.
    lines = [
        f"{json.dumps(tag.name, ensure_ascii=False)} = {json.dumps(tag.others, ensure_ascii=False)}" for tag in tags
    ]
    return "\n".join(["[aliases]", *lines]).replace("\x7f", "\\u007f") + "\n"


def _is_shipped(model: Path) -> bool:
    try:
        return model.samefile(shipped_model())
    except OSError:
        return False


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch.isdecimal() else dt.datetime.now(dt.UTC)
    return f"{now:%Y-%m-%dT%H:%M:%SZ}"
