"""The vocabulary of a model as people edit it after training: labels renamed, merged, retired, given other names.

A model goes on saying the labels that it was trained with; a list of edits, kept in its file, says what each of them is
called now. Edits are only ever added, each refers to tags by the names that they have at that time, and what is undone
is undone by another edit. In whatever order they come, every name belongs to one tag: a present name, a former one, an
alias, or the name of a tag that was merged into it. So an article that was tagged before the edit still has that tag.
Event types and their groups are edited in the same way, and are called tags here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from slugline.records import record

ACTIONS = ("rename", "alias", "unalias", "merge", "retire", "restore")
"""What can be done with a tag; the first four need `to`: a new name, another name, or the tag that it becomes part of.
"restore" gives back a tag that was retired, or one that was merged into another."""

EDITED = ("tags", "event_type")
"""The heads whose labels can be edited; with event types, the groups."""

_TO = frozenset(ACTIONS[:4])
_SAID = {"rename": "renamed to", "alias": "also called", "unalias": "no longer called", "merge": "merged into"}
_SAID |= {"retire": "retired", "restore": "restored"}


@record(frozen=True, slots=True)
class Edit:
    """One edit: what was done with which tag, by whom and when (ISO 8601, UTC), and the digest of the model before.

    `head` says whose label it is: "tags", or "event_type" for an event type or a group of them.
    """

    action: str
    tag: str
    to: str | None = None
    who: str = ""
    time: str = ""
    model: str = ""
    head: str = "tags"

    @property
    def said(self) -> str:
        """The edit in words."""
        return f"{self.tag}: {_SAID[self.action]}" + ("" if self.to is None else f" {self.to}")

    def to_dict(self) -> dict[str, str]:
        """Plain JSON, without what is not there; of tags, without `head`, which files of before do not have."""
        found = {item.name: value for item in fields(self) if (value := getattr(self, item.name))}
        return {name: value for name, value in found.items() if (name, value) != ("head", "tags")}

    @classmethod
    def from_dict(cls, content: Any) -> Edit:
        """The edit of `to_dict`, which may be anything. Raises ValueError."""
        known = {item.name for item in fields(cls)}
        if not isinstance(content, dict) or not content.keys() <= known or not {"action", "tag"} <= content.keys():
            raise ValueError(f"not an edit: {content!r}")
        if not all(isinstance(value, str) and value for value in content.values()):
            raise ValueError(f"not an edit: {content!r}")
        if content["action"] not in ACTIONS or ("to" in content) != (content["action"] in _TO):
            raise ValueError(f"not an edit: {content!r}")
        if content.get("head", "tags") not in EDITED:
            raise ValueError(f"not an edit: {content!r}")
        return cls(**content)


@record(frozen=True, slots=True)
class Tag:
    """A tag as it is now: its `name`, the `label` that the model was trained with, and its other names.

    `parts` are the tags that were merged into it, each as it was then.
    """

    name: str
    label: str
    former: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    retired: bool = False
    parts: tuple[Tag, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's labels that are this tag, its own first."""
        return (self.label, *(label for part in self.parts for label in part.labels))

    @property
    def others(self) -> tuple[str, ...]:
        """Every other name of it: former ones, aliases, and all names of its parts."""
        own = (*self.former, *self.aliases)
        return (*own, *(name for part in self.parts for name in (part.name, *part.others)))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        said = {"tag": self.name, "label": self.label, "former": list(self.former), "aliases": list(self.aliases)}
        return said | {"retired": self.retired, "merged": [part.to_dict() for part in self.parts]}


def by_key(tags: Iterable[Tag], key: Callable[[str], str]) -> dict[str, Tag]:
    """The tag of every name, by its key; of several, which only labels can have, the first."""
    found: dict[str, Tag] = {}
    for tag in tags:
        for name in (tag.name, *tag.others):
            found.setdefault(key(name), tag)
    return found


def every(tag: Tag) -> list[Tag]:
    """The tag and all its parts."""
    return [tag, *(one for part in tag.parts for one in every(part))]


def cut_out(tag: Tag, name: str) -> tuple[Tag, Tag | None]:
    """`tag` without its part of that name, and the part; None where it has no such part."""
    for place, part in enumerate(tag.parts):
        left, found = (part, part) if part.name == name else cut_out(part, name)
        if found is not None:
            kept = () if part.name == name else (left,)
            return replace(tag, parts=(*tag.parts[:place], *kept, *tag.parts[place + 1 :])), found
    return tag, None
