"""How the results of `slugline corpus` are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from slugline.cli.console import bold, dim, printable, table
from slugline.corpus.catalogue import Entry
from slugline.corpus.check import Finding
from slugline.corpus.stats import CorpusStats, Distribution

_NAMED = 10


def entry_dict(entry: Entry, here: bool) -> dict[str, Any]:
    """A catalogue entry as JSON: what it is, whether it is here, and where it comes from."""
    return {
        "name": entry.name,
        "title": entry.title,
        "articles": entry.articles,
        "here": here,
        "reader": entry.reader,
        "licence": entry.licence,
        "address": entry.address or None,
        "page": entry.page or None,
        "bytes": entry.bytes or None,
        "sha256": list(entry.sha256),
        "note": entry.note or None,
    }


def entries_table(entries: Sequence[tuple[Entry, bool]]) -> str:
    """The catalogue in 80 columns: what each corpus is stands below its name."""
    rows: list[tuple[str, ...]] = [
        (entry.name, f"{entry.articles:,}", "yes" if here else "no", entry.licence) for entry, here in entries
    ]
    header, *lines = table(("name", "articles", "here", "licence"), rows, right=(1,)).splitlines()
    said = [line + "\n" + dim(f"    {entry.title}") for line, (entry, _) in zip(lines, entries, strict=True)]
    return "\n".join([header, *said])


def findings_text(findings: Iterable[Finding]) -> str:
    """Findings one below the other: severity, kind and count, examples, advice."""
    lines = []
    for finding in findings:
        lines.append(f"{bold(finding.severity)}: {finding.kind}: {finding.count:,}")
        lines.extend(f"    {printable(example)}" for example in finding.examples)
        lines.append(dim(f"    -> {finding.advice}"))
    return "\n".join(lines)


def stats_table(stats: CorpusStats) -> str:
    """The counts of a corpus as text: a summary, then the most frequent tags and all event types."""
    rows: list[tuple[str, str]] = [
        ("corpus", stats.name),
        ("digest", stats.digest),
        ("articles", f"{stats.articles:,}"),
    ]
    if stats.skipped:
        rows.append(("bad rows skipped", f"{stats.skipped:,}"))
    if stats.empty:
        rows.append(("without any text", f"{stats.empty:,}"))
    rows.append(("words", _distribution(stats.words)))
    dates = f" ({stats.first_date} to {stats.last_date})" if stats.dated else ""
    rows.append(("dated", f"{stats.dated:,}{dates}"))
    for name, pairs in (("parts", stats.parts), ("languages", stats.languages), ("sources", stats.sources)):
        if pairs:
            rows.append((name, _pairs(pairs)))
    rows.append(("annotated with tags", f"{stats.tags_annotated:,}"))
    if stats.tags_annotated:
        rows += [
            ("  of these without any", f"{stats.without_tags:,}"),
            ("  tags", f"{stats.tags:,}, of which {stats.tags_once:,} occur once"),
            ("  tags per article", _distribution(stats.tags_per_article)),
        ]
    rows.append(("annotated with a type", f"{stats.types_annotated:,}"))
    parts = ["\n".join(f"{printable(name):<24}{printable(value)}" for name, value in rows)]
    if stats.top_tags:
        parts.append(table(("tag", "articles"), [(name, f"{count:,}") for name, count in stats.top_tags], right=(1,)))
    if stats.event_types:
        shares = [(name, f"{count:,}", f"{share:.1%}") for name, count, share in stats.event_types]
        parts.append(table(("event type", "articles", "share"), shares, right=(1, 2)))
    return "\n\n".join(parts)


def _pairs(pairs: Sequence[tuple[str, int]]) -> str:
    shown = ", ".join(f"{name} {count:,}" for name, count in pairs[:_NAMED])
    return shown + (f" and {len(pairs) - _NAMED} more" if len(pairs) > _NAMED else "")


def _distribution(counts: Distribution) -> str:
    return (
        f"{counts.smallest:,} to {counts.largest:,}, median {counts.median:,}, mean {counts.mean:,.1f}, "
        f"95% up to {counts.percentile_95:,}"
    )
