"""Event types of other people's making, brought to those of the taxonomy: code books, and tables of the user's."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slugline.article import NONE, Labels
from slugline.config import read_toml
from slugline.corpus.taxonomy import SCHEMES, Taxonomy, label_key
from slugline.errors import ConfigError, CorpusError

NAMES = "taxonomy"
"""The map that knows the taxonomy's own names, their aliases, and its table [map] alone."""


@dataclass(frozen=True)
class LabelMap:
    """What a label means in the taxonomy. `scheme` is a code book, or None for names and tables alone."""

    taxonomy: Taxonomy
    scheme: str | None = None

    def target(self, label: str) -> str | None:
        """The type or group that `label` stands for, `NONE` for "none", None where that is not known.

        The taxonomy's table for the code book comes first, then the codes of its types, then its table [map], its
        names and their aliases. Case and the width of spaces do not matter.
        """
        if label_key(label) == NONE:
            return NONE
        found = None if self.scheme is None else self._code(self.scheme, label)
        return found or self.taxonomy.mapped(label) or self.taxonomy.name_of(label)

    def _code(self, scheme: str, label: str) -> str | None:
        if (said := self.taxonomy.mapped(label, scheme)) is not None:
            return said
        return narrowest(self.taxonomy, scheme, label)


def narrowest(taxonomy: Taxonomy, scheme: str, code: str) -> str | None:
    """What a code of another book says for certain: its one type, else the one group of its types, else nothing.

    Of several types, those that name the code first in their list are nearer than the others.

    >>> shipped = Taxonomy.load()
    >>> narrowest(shipped, "plover", "COERCE"), narrowest(shipped, "plover", "assault")
    ('repression', 'Armed conflicts and attacks')
    >>> narrowest(shipped, "iptc", "election"), narrowest(shipped, "acled", "Strategic developments") is None
    ('election', True)
    """
    ranked = taxonomy.ranked_codes(scheme, code)
    if not ranked:
        return None
    nearest = [kind for rank, kind in ranked if rank == ranked[0][0]]
    for kinds in (nearest, [kind for _, kind in ranked]):
        if len(kinds) == 1:
            return kinds[0].name
        if len({kind.group for kind in kinds}) == 1:
            return kinds[0].group
    return None


def load_map(name: str, taxonomy: str | Path | None = None) -> LabelMap:
    """The map of that name: one of SCHEMES, "taxonomy", or a TOML file.

    `taxonomy` is the file of types in whose terms labels are mapped (None: the shipped one). A map file is a taxonomy
    of its own, with a table [map] or without, or it has nothing but [map]: `"their label" = "type or group"`, or
    "none" where their label says that no type fits. Raises ConfigError naming the file and the key at fault.
    """
    if name in SCHEMES:
        return LabelMap(Taxonomy.load(taxonomy), name)
    if name == NAMES:
        return LabelMap(Taxonomy.load(taxonomy))
    if not Path(name).exists():
        expected = f"one of {', '.join((*SCHEMES, NAMES))}, or a TOML file"
        raise ConfigError("no such map of labels", field="corpus.map", found=name, expected=expected)
    tables = read_toml(name)
    if "groups" in tables:
        return LabelMap(Taxonomy.from_dict(tables, file=name))
    if set(tables) != {"map"}:
        raise ConfigError("not a map of labels", file=name, found=sorted(tables), expected="a table [map]")
    base = Taxonomy.load(taxonomy).to_dict()
    return LabelMap(Taxonomy.from_dict(base | {"map": tables["map"]}, file=name))


def map_labels(labels: Sequence[Labels], known: LabelMap) -> tuple[list[Labels], Counter[str]]:
    """`labels` with event types as the taxonomy names them; what `known` does not know becomes "not annotated".

    The second value counts the articles of every label that was not known.
    """
    mapped: list[Labels] = []
    unknown: Counter[str] = Counter()
    targets: dict[str, str | None] = {}
    for one in labels:
        label = one.event_type
        if label is None:
            mapped.append(one)
            continue
        if label not in targets:
            targets[label] = known.target(label)
        if targets[label] is None:
            unknown[label] += 1
        mapped.append(dataclasses.replace(one, event_type=targets[label]))
    return mapped, unknown


def refuse(unknown: Counter[str], file: str | Path) -> None:
    """Raise CorpusError where labels are not known and the user wants none of that."""
    if unknown:
        label, count = unknown.most_common(1)[0]
        raise CorpusError(
            f"{len(unknown)} labels of {unknown.total()} articles are not in the map; the most frequent ({count})",
            file=file,
            field="event_type",
            found=label,
            expected="labels that the map knows, or no --strict",
        )
