"""From a corpus's name or path to clean, labelled articles."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slugline.article import NONE, Labels
from slugline.config import CorpusConfig
from slugline.corpus.catalogue import Entry, catalogue, find_entry, locate
from slugline.corpus.clean import clean_article, clean_line
from slugline.corpus.corpus import Corpus, Record
from slugline.corpus.join import join
from slugline.corpus.mapping import LabelMap, load_map, map_labels, refuse
from slugline.corpus.readers import Reader, ReadOptions, find_reader, raise_bad, read_records
from slugline.corpus.tags import load_aliases, normalise_tags
from slugline.errors import CorpusError
from slugline.progress import Progress, silent
from slugline.resources import data_path

_STEP = 1000


def load_corpus(
    config: CorpusConfig, progress: Progress = silent, *, normalise: bool = True, taxonomy: str | None = None
) -> Corpus:
    """Read, clean and normalise the corpus that `config.name` says: a path if there is one, else a catalogue name.

    With `config.sources`, each of them, joined into one corpus. With `config.map`, event types are brought to those of
    the file `taxonomy` (None: the shipped one).

    A corpus of the catalogue brings its reader, fields, families and aliases, each of which `config` overrides. A file
    or folder of one's own has no aliases unless `config.aliases` names a file, or "default" for the shipped one;
    "none" leaves out the catalogue's. Without `normalise`, tags stay as they are written. Bad rows are errors, or with
    `config.skip_bad` collected in `Corpus.skipped`.

    Raises CorpusError if the corpus is not found, cannot be read or has no articles, ConfigError for a broken alias
    file, MissingExtraError for a reader whose optional dependency is not installed.
    """
    if config.sources:
        read = [load_corpus(one, progress, normalise=normalise, taxonomy=taxonomy) for one in config.sources]
        canonical = [name for one in config.sources for name in dict.fromkeys((_aliases_of(one) or {}).values())]
        return join(joined_name(config), read, canonical)
    skipped: list[CorpusError] = []
    source = find_source(config, skipped.append if config.skip_bad else raise_bad, taxonomy=taxonomy)
    path, known = source.path, source.known
    stage = f"reading {source.name}"
    records: list[Record] = []
    for record in read_records(path, source.reader, source.options):
        records.append(clean_record(record))
        if len(records) % _STEP == 0:
            progress(stage, len(records), None)
    if not records:
        bad = f"; all {len(skipped)} rows are bad, the first: {skipped[0]}" if skipped else ""
        raise CorpusError(f"no articles{bad}", file=path)
    progress(stage, len(records), len(records))
    unmapped: tuple[tuple[str, int], ...] = ()
    if known is not None:
        records, unmapped = _mapped(records, known, path if config.map_strict else None)
    if normalise:
        normal = normalise_tags([record.labels for record in records], source.aliases)
        records = [
            record if one is record.labels else Record(record.article, one, record.part)
            for record, one in zip(records, normal, strict=True)
        ]
    return Corpus(source.name, tuple(records), tuple(skipped), unmapped)


@dataclass(frozen=True, slots=True)
class Source:
    """A corpus that was found and not yet read: what reads it, and what its labels are brought to.

    `aliases` are as `corpus.tags.load_aliases` gives them, or None; `known` is the map of event types, or None.
    """

    name: str
    path: Path
    reader: Reader
    options: ReadOptions
    aliases: dict[str, str] | None
    known: LabelMap | None


def find_source(
    config: CorpusConfig,
    on_bad: Callable[[CorpusError], None] = raise_bad,
    *,
    taxonomy: str | None = None,
    unique: bool = True,
) -> Source:
    """The one corpus that `config.name` says; bad rows will go to `on_bad`, and `unique` is that of `ReadOptions`.

    Raises what `load_corpus` raises, but for what only reading can show.
    """
    entry, path = _resolve(config.name)
    known = None if config.map is None else load_map(config.map, taxonomy)
    reader = find_reader(path, _reader_name(config, entry))
    options = ReadOptions(
        fields={**(entry.fields if entry else {}), **config.fields},
        families=entry.families if entry and config.families is None else config.families,
        encoding=config.encoding,
        on_bad=on_bad,
        unique=unique,
    )
    name = entry.name if entry else path.name or str(path)
    return Source(name, path, reader, options, _aliases(config, entry), known)


def clean_record(record: Record) -> Record:
    """`record` with its article and event type cleaned; tags are cleaned where they are normalised."""
    article, labels = clean_article(record.article), _clean(record.labels)
    if article is record.article and labels is record.labels:
        return record
    return Record(article, labels, record.part)


def joined_name(config: CorpusConfig) -> str:
    """What the corpus of `config` is called: its `name`, or of several sources that were not named, theirs."""
    if not config.sources or config.name != CorpusConfig().name:
        return config.name
    return "+".join(Path(source.name).name or source.name for source in config.sources)


def entry_for(config: CorpusConfig) -> Entry | None:
    """The catalogue's entry for the corpus that `config` names, or None for a file or folder of one's own.

    A path to a catalogue corpus in a folder of its name (".../wcep/events.jsonl.gz" or ".../wcep") has its entry too.
    Several sources together have none. Raises CorpusError for a name that is neither a path nor in the catalogue.
    """
    return None if config.sources else _entry_and_path(config.name)[0]


def _resolve(name: str) -> tuple[Entry | None, Path]:
    entry, path = _entry_and_path(name)
    if path is not None:
        return entry, path
    if entry is None:
        raise CorpusError("no such file or folder", file=name)
    return entry, locate(entry.name)


def _entry_and_path(name: str) -> tuple[Entry | None, Path | None]:
    path = Path(name)
    if not name or not path.exists():
        if len(path.parts) > 1 or path.suffix:
            return None, None
        return find_entry(name), None
    for entry in catalogue().values():
        file = entry.file or Path(entry.embedded).name
        if not file:
            continue
        if path.is_file() and path.name == file and path.resolve().parent.name == entry.name:
            return entry, path
        if path.is_dir() and path.resolve().name == entry.name and (path / file).is_file():
            return entry, path / file
    return None, path


def _clean(labels: Labels) -> Labels:
    """`labels` with the event type as it may be shown; tags are cleaned where they are normalised."""
    if labels.event_type is None:
        return labels
    cleaned = clean_line(labels.event_type) or NONE
    return labels if cleaned == labels.event_type else dataclasses.replace(labels, event_type=cleaned)


def _mapped(
    records: list[Record], known: LabelMap, strict: Path | None
) -> tuple[list[Record], tuple[tuple[str, int], ...]]:
    """Records with mapped event types, and the labels that were not known; with `strict`, they are an error."""
    labels, unknown = map_labels([record.labels for record in records], known)
    if strict is not None:
        refuse(unknown, strict)
    mapped = [dataclasses.replace(record, labels=one) for record, one in zip(records, labels, strict=True)]
    return mapped, tuple(sorted(unknown.items(), key=lambda item: (-item[1], item[0])))


def _reader_name(config: CorpusConfig, entry: Entry | None) -> str:
    return entry.reader if entry and config.reader == "auto" else config.reader


def _aliases_of(config: CorpusConfig) -> dict[str, str] | None:
    return _aliases(config, entry_for(config))


def alias_files(config: CorpusConfig) -> list[Path]:
    """The alias files that the corpus of `config` is read with, each once; of several sources, theirs."""
    found = [_alias_file(one, entry_for(one)) for one in config.sources or (config,)]
    return list(dict.fromkeys(file for file in found if file is not None))


def _aliases(config: CorpusConfig, entry: Entry | None) -> dict[str, str] | None:
    file = _alias_file(config, entry)
    return None if file is None else load_aliases(file)


def _alias_file(config: CorpusConfig, entry: Entry | None) -> Path | None:
    if config.aliases == "none":
        return None
    if config.aliases == "default":
        return data_path("taxonomy", "tag_aliases.toml")
    if config.aliases is not None:
        return Path(config.aliases)
    return Path(entry.aliases) if entry and entry.aliases else None
