"""What a model can say, for people who choose from it: tags with their other names, event types with definitions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slugline.article import NONE
from slugline.bundle import label_counts
from slugline.corpus.tags import tag_key
from slugline.corpus.taxonomy import Taxonomy
from slugline.predict import Predictor
from slugline.resources import data_path

_NOWHERE = 4


@dataclass(frozen=True, slots=True)
class TagEntry:
    """A tag as it is called now, its other names, and in how many training articles it is (None: not known).

    `by_name` tags have no weights of their own: they are found where their name is mentioned.
    """

    tag: str
    aliases: tuple[str, ...]
    articles: int | None
    by_name: bool


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event type, or with `type` None a group, and what the taxonomy says of it (empty: not known)."""

    type: str | None
    group: str | None
    definition: str
    aliases: tuple[str, ...]


class Labels:
    """The labels of one predictor, and completion of what somebody begins to write."""

    def __init__(self, predictor: Predictor) -> None:
        self.tags = _tags(predictor)
        self.events = _events(predictor)
        self._keys = [tuple(tag_key(name) for name in (entry.tag, *entry.aliases)) for entry in self.tags]

    def complete(self, begun: str, limit: int, offset: int = 0) -> tuple[list[TagEntry], int]:
        """The tags that have `begun` in one of their names, and how many there are in all.

        First those that are `begun`, then those that begin with it, then those with a word that does; of equals the
        ones with more training articles. Without anything begun, all of them by name.
        """
        asked = tag_key(begun)
        if not asked:
            return self.tags[offset : offset + limit], len(self.tags)
        ranked = (
            (min(_rank(asked, key) for key in keys), entry) for keys, entry in zip(self._keys, self.tags, strict=True)
        )
        found = [(rank, entry) for rank, entry in ranked if rank < _NOWHERE]
        # Sorting keeps the order by name of equals.
        found.sort(key=lambda pair: (pair[0], -(pair[1].articles or 0)))
        return [entry for _, entry in found[offset : offset + limit]], len(found)

    def matching_events(self, begun: str) -> list[EventEntry]:
        """The event types and groups that have `begun` in one of their names, in the taxonomy's order."""
        asked = tag_key(begun)
        return [
            entry
            for entry in self.events
            if not asked
            or any(asked in tag_key(name) for name in (entry.type or "", entry.group or "", *entry.aliases))
        ]


def _rank(asked: str, key: str) -> int:
    place = key.find(asked)
    if place < 0:
        return _NOWHERE
    if place == 0:
        return 0 if len(key) == len(asked) else 1
    return 2 if f" {asked}" in key else 3


def _tags(predictor: Predictor) -> list[TagEntry]:
    """The tags by their present names, with the names that people gave them and those of the shipped aliases."""
    bundle = predictor.bundle
    own = frozenset(predictor.labels(by_name=False))
    edited = (
        {}
        if predictor.vocabulary is None
        else {tag.name: tag for tag in predictor.vocabulary.touched if not tag.retired}
    )
    counts = (label_counts(bundle.manifest.corpus) or {"tags": {}})["tags"]
    shipped = _shipped_aliases() if bundle.manifest.config.get("corpus", {}).get("aliases") is None else {}
    entries = []
    for name in predictor.labels():
        tag = edited.get(name)
        labels, others = ((name,), ()) if tag is None else (tag.labels, tag.others)
        known = [counts[label] for label in labels if label in counts]
        aliases = dict.fromkeys((*others, *(alias for label in labels for alias in shipped.get(label, ()))))
        entries.append(TagEntry(name, tuple(aliases), sum(known) if known else None, name not in own))
    return sorted(entries, key=lambda entry: (entry.tag.casefold(), entry.tag))


def _shipped_aliases() -> dict[str, tuple[str, ...]]:
    with data_path("taxonomy", "tag_aliases.toml").open("rb") as stream:
        table = tomllib.load(stream)["aliases"]
    return {tag: tuple(names) for tag, names in table.items()}


def _events(predictor: Predictor) -> list[EventEntry]:
    """The types that the model knows, each group before its types; with definitions where its taxonomy is ours."""
    bundle, events = predictor.bundle, predictor.events
    # "None of them" is no type: it is said by null.
    known = [label for label in dict.fromkeys((*events.types, *events.levels.groups)) if label not in ("", NONE)]
    ours = bundle.manifest.config.get("event_type", {}).get("taxonomy") is None
    taxonomy = Taxonomy.load()
    places = {name: place for place, name in enumerate((*taxonomy.groups, *taxonomy.types))}
    groups = {label: group for label in known if (group := events.groups.get(label)) is not None}

    def trained(name: str) -> str:
        """What it was called in training, as the taxonomy calls it."""
        return name if events.vocabulary is None else events.vocabulary.label_of(name) or name

    def place(name: str) -> int:
        return places.get(trained(name), len(places))

    def entry(kind: str | None, group: str | None) -> EventEntry:
        name = kind or group or ""
        own: Mapping[str, Any] = {} if not ours else taxonomy.groups if kind is None else taxonomy.types
        about = own.get(trained(name))
        given = None if events.vocabulary is None else events.vocabulary.find(name)
        aliases = dict.fromkeys((*(given.others if given else ()), *(about.aliases if about else ())))
        return EventEntry(kind, group, about.definition if about else "", tuple(aliases))

    entries = [entry(None, group) for group in sorted(set(groups.values()), key=lambda name: (place(name), name))]
    entries += [entry(*events.type_and_group(label)) for label in known if label not in groups.values()]
    return sorted(entries, key=lambda entry: (place(entry.group or ""), entry.type is not None))
