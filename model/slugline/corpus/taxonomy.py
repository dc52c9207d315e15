"""The taxonomy of event types: groups that hold types, read from a TOML file that the user may replace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slugline.article import NONE
from slugline.config import read_toml
from slugline.errors import ConfigError
from slugline.resources import data_path

SCHEMES = ("plover", "acled", "iptc")
"""The code books that types may be mapped to."""

_TYPE_KEYS = ("group", "definition", "aliases", *SCHEMES)
_GROUP_KEYS = ("definition", "aliases")


@dataclass(frozen=True, slots=True)
class Topic:
    """One IPTC Media Topic: its code such as "medtop:20000574", and its name in British English."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type, and its nearest codes in other code books, nearest first; empty where there is no equal.

    `acled` holds ACLED event types ("Battles") or, where only a part belongs here, "Event type: Sub-event type".
    """

    name: str
    group: str
    definition: str
    plover: tuple[str, ...] = ()
    acled: tuple[str, ...] = ()
    iptc: tuple[Topic, ...] = ()
    aliases: tuple[str, ...] = ()

    def codes(self, scheme: str) -> tuple[str, ...]:
        """The type's codes in "plover", "acled" or "iptc"; KeyError for any other scheme."""
        held = {"plover": self.plover, "acled": self.acled, "iptc": tuple(topic.code for topic in self.iptc)}
        return held[scheme]


@dataclass(frozen=True, slots=True)
class Group:
    """One group of event types, and other spellings of its name that corpora use."""

    name: str
    definition: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """Groups and types by name, in the file's order. Made by `load` or `from_dict`, which check them.

    `maps` says which type or group other people's labels stand for: under "" any label, under a code book's name
    the codes of it that its types do not decide.
    """

    groups: dict[str, Group]
    types: dict[str, EventType]
    maps: dict[str, dict[str, str]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, path: str | Path | None = None) -> Taxonomy:
        """Read a taxonomy file; without `path` the one that is shipped.

        Raises ConfigError naming the file, and the key or the line at fault.
        """
        file = data_path("taxonomy", "event_types.toml") if path is None else Path(path)
        return cls.from_dict(read_toml(file), file=file)

    @classmethod
    def from_dict(cls, tables: dict[str, Any], *, file: str | Path | None = None) -> Taxonomy:
        """Build from the file's tables, or from what `to_dict` gave. Raises ConfigError naming file and key."""
        for key, value in tables.items():
            if key not in ("groups", "types", "map"):
                raise ConfigError("unknown table", file=file, found=key, expected="groups, types or map")
            if not isinstance(value, dict):
                raise ConfigError("not a table", file=file, field=key, found=value, expected=f"[{key}.NAME]")
        groups = {name: _group(name, table, file) for name, table in tables.get("groups", {}).items()}
        if not groups:
            raise ConfigError("no groups", file=file, field="groups", expected='at least one [groups."NAME"]')
        types = {name: _type(name, table, groups, file) for name, table in tables.get("types", {}).items()}
        names = _names(groups, types, file)
        return cls(groups, types, _maps(tables.get("map", {}), names, file), names)

    def to_dict(self) -> dict[str, Any]:
        """What the file says, without what it leaves empty, as plain values; `from_dict` reads them back."""
        groups = {
            group.name: _without_empty({"definition": group.definition, "aliases": list(group.aliases)})
            for group in self.groups.values()
        }
        types = {
            kind.name: _without_empty(
                {
                    "group": kind.group,
                    "definition": kind.definition,
                    "plover": list(kind.plover),
                    "acled": list(kind.acled),
                    "iptc": {topic.code: topic.name for topic in kind.iptc},
                    "aliases": list(kind.aliases),
                }
            )
            for kind in self.types.values()
        }
        table = self.maps.get("", {}) | {scheme: dict(codes) for scheme, codes in self.maps.items() if scheme}
        return {"groups": groups, "types": types} | ({"map": table} if table else {})

    def name_of(self, label: str) -> str | None:
        """The type or group that `label` names, as the taxonomy writes it, or None.

        Case and the width of spaces do not matter, and aliases are known. Underscores do: "science_and_technology" is
        a type, "Science and technology" a group.

        >>> Taxonomy.load().name_of("SPORT"), Taxonomy.load().name_of("Law and Crime")
        ('sport', 'Law and crime')
        """
        return self._names.get(label_key(label))

    def mapped(self, label: str, scheme: str = "") -> str | None:
        """What the file's table [map], or [map.SCHEME], says that `label` stands for; `NONE` where no type fits.

        >>> Taxonomy.load().mapped("armed clash", "acled")
        'armed_conflict'
        """
        return self.maps.get(scheme, {}).get(label_key(label))

    def group_of(self, label: str) -> str | None:
        """The group of a type; a group's own name gives the group; None for a label that is not in the taxonomy.

        >>> Taxonomy.load().group_of("trial"), Taxonomy.load().group_of("law and crime")
        ('Law and crime', 'Law and crime')
        """
        name = self.name_of(label)
        if name is None:
            return None
        return self.types[name].group if name in self.types else name

    def is_group(self, label: str) -> bool:
        """Whether `label` is a group's name or alias, spelled as in the file.

        >>> Taxonomy.load().is_group("Sports"), Taxonomy.load().is_group("sports"), Taxonomy.load().is_group("sport")
        (True, False, False)
        """
        group = self.groups.get(self.name_of(label) or "")
        return group is not None and " ".join(label.split()) in (group.name, *group.aliases)

    def with_code(self, scheme: str, code: str) -> tuple[EventType, ...]:
        """The types mapped to another code book's code, in the file's order; see `ranked_codes`.

        >>> [kind.name for kind in Taxonomy.load().with_code("acled", "Battles: Armed clash")]
        ['armed_conflict']
        """
        found = {kind.name for _, kind in self.ranked_codes(scheme, code)}
        return tuple(kind for kind in self.types.values() if kind.name in found)

    def ranked_codes(self, scheme: str, code: str) -> list[tuple[int, EventType]]:
        """The types mapped to another code book's code, each with the code's place in its list, nearest first.

        `scheme` is one of SCHEMES, else KeyError. Case does not matter. An ACLED sub-event type is asked for as
        "Event type: Sub-event type", and also finds the type that takes the whole event type. An IPTC topic is asked
        for by its code, with "medtop:" or without, or by its name. More than one type answers where the other code
        book draws no line, as PLOVER's ASSAULT between armed_conflict and attack.
        """
        asked = {label_key(code)}
        if scheme == "acled":
            asked.add(label_key(code.partition(":")[0]))
        if scheme == "iptc":
            asked.add(f"medtop:{label_key(code)}")
        found: list[tuple[int, EventType]] = []
        for kind in self.types.values():
            held = [label_key(one) for one in kind.codes(scheme)]
            names = [label_key(topic.name) for topic in kind.iptc] if scheme == "iptc" else held
            places = [place for place, pair in enumerate(zip(held, names, strict=True)) if not asked.isdisjoint(pair)]
            if places:
                found.append((places[0], kind))
        return sorted(found, key=lambda pair: pair[0])


def label_key(label: str) -> str:
    """What all spellings of a label have in common: case and the width of spaces do not matter."""
    return " ".join(label.split()).casefold()


def _without_empty(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value}


def _group(name: str, table: Any, file: str | Path | None) -> Group:
    where = f"groups.{name}"
    _check_table(table, _GROUP_KEYS, where, file)
    return Group(name, _text(table, "definition", where, file, required=False), _texts(table, "aliases", where, file))


def _type(name: str, table: Any, groups: dict[str, Group], file: str | Path | None) -> EventType:
    where = f"types.{name}"
    _check_table(table, _TYPE_KEYS, where, file)
    group = _text(table, "group", where, file)
    if group not in groups:
        raise ConfigError(
            "unknown group", file=file, field=f"{where}.group", found=group, expected=f"one of {', '.join(groups)}"
        )
    topics = table.get("iptc", {})
    if not isinstance(topics, dict) or not all(isinstance(value, str) for value in topics.values()):
        raise ConfigError(
            "wrong type", file=file, field=f"{where}.iptc", found=topics, expected='a table { "CODE" = "name" }'
        )
    return EventType(
        name,
        group,
        _text(table, "definition", where, file),
        plover=_texts(table, "plover", where, file),
        acled=_texts(table, "acled", where, file),
        iptc=tuple(Topic(code, topic) for code, topic in topics.items()),
        aliases=_texts(table, "aliases", where, file),
    )


def _check_table(table: Any, keys: tuple[str, ...], where: str, file: str | Path | None) -> None:
    if not isinstance(table, dict):
        raise ConfigError("not a table", file=file, field=where, found=table, expected="a table")
    for key in table:
        if key not in keys:
            raise ConfigError("unknown key", file=file, field=where, found=key, expected=f"one of {', '.join(keys)}")


def _text(table: dict[str, Any], key: str, where: str, file: str | Path | None, *, required: bool = True) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise ConfigError("wrong type", file=file, field=f"{where}.{key}", found=value, expected="a string")
    if required and not value.strip():
        raise ConfigError(f"missing {key}", file=file, field=f"{where}.{key}", expected="a string")
    return value.strip()


def _texts(table: dict[str, Any], key: str, where: str, file: str | Path | None) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise ConfigError("wrong type", file=file, field=f"{where}.{key}", found=value, expected="a list of strings")
    return tuple(value)


def _names(groups: dict[str, Group], types: dict[str, EventType], file: str | Path | None) -> dict[str, str]:
    """Every name and alias, as a key, with the name it stands for; ConfigError where two mean different things."""
    names: dict[str, str] = {}
    tables: Iterable[tuple[str, Group | EventType]] = [
        *(("groups", group) for group in groups.values()),
        *(("types", kind) for kind in types.values()),
    ]
    for table, entry in tables:
        where = f"{table}.{entry.name}"
        for said in (entry.name, *entry.aliases):
            key = label_key(said)
            if not key or key == NONE:
                raise ConfigError("reserved name", file=file, field=where, found=said, expected="another name")
            if key in names:
                raise ConfigError(
                    f"name is taken by {names[key]!r}", file=file, field=where, found=said, expected="a name of its own"
                )
            names[key] = entry.name
    return names


def _maps(table: Any, names: dict[str, str], file: str | Path | None) -> dict[str, dict[str, str]]:
    """The table [map]: labels to the taxonomy's own names, those of a code book under its name."""
    _check_kind(table, "map", file)
    maps: dict[str, dict[str, str]] = {}
    for scheme in ("", *SCHEMES):
        part = table.get(scheme, {}) if scheme else {key: value for key, value in table.items() if key not in SCHEMES}
        where = f"map.{scheme}" if scheme else "map"
        _check_kind(part, where, file)
        for label, target in part.items():
            name = NONE if target == NONE else names.get(label_key(target)) if isinstance(target, str) else None
            if name is None:
                raise ConfigError(
                    "not a type or a group", file=file, field=f"{where}.{label}", found=target, expected="a name of one"
                )
            if maps.setdefault(scheme, {}).setdefault(label_key(label), name) != name:
                raise ConfigError("two meanings of one label", file=file, field=where, found=label)
    return maps


def _check_kind(table: Any, where: str, file: str | Path | None) -> None:
    if not isinstance(table, dict):
        raise ConfigError("not a table", file=file, field=where, found=table, expected='"their label" = "type"')
