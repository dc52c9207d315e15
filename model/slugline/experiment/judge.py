"""The file in which a person judges false positives: written for a spreadsheet, and read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slugline.corpus.tags import tag_key
from slugline.errors import CorpusError
from slugline.evaluate.judge import Judgement, corrected
from slugline.evaluate.judge import spread as drawn_from_bands
from slugline.evaluate.mistakes import Mistake, false_positives
from slugline.evaluate.outcomes import Outcomes
from slugline.files import write_text
from slugline.spreadsheets import harmless, restored

COLUMNS = ("id", "title", "snippet", "tag", "probability", "judgement")
DEFAULT_COUNT = 100
JUDGEMENTS = ("yes", "no", "unsure")


@dataclass(frozen=True, slots=True)
class Judging:
    """The false positives chosen for judging, and what a judged file says; both empty where not asked for."""

    chosen: tuple[Mistake, ...] = ()
    judgement: Judgement | None = None

    def to_dict(self) -> dict[str, Any]:
        """`{"false_positives", "judged"}`, each only where it was asked for."""
        found: dict[str, Any] = {}
        if self.chosen:
            found["false_positives"] = [mistake.to_dict() for mistake in self.chosen]
        return found if self.judgement is None else found | {"judged": self.judgement.to_dict()}


def judging(
    outcomes: Outcomes,
    *,
    count: int | None = None,
    spread: bool = False,
    file: Path | None = None,
    judged: Path | None = None,
) -> Judging:
    """Choose `count` false positives, write them to `file`, and take in what `judged` says; each where it is given.

    They are the most probable ones, or with `spread` as many of every band of probability, drawn at random; 100 where
    only `file` is given. Raises CorpusError where no tags were evaluated or `judged` is not sound, OutputError.
    """
    if (count, file, judged) == (None, None, None):
        return Judging()
    if not outcomes.tags:
        raise CorpusError("no tags were evaluated, so there is nothing to judge")
    judgement = None if judged is None else judge(outcomes, read_judge_file(judged, outcomes))
    chosen: list[Mistake] = []
    if count is not None or file is not None:
        found, most = false_positives(outcomes.rows), count or DEFAULT_COUNT
        chosen = drawn_from_bands(found, most) if spread else found[:most]
    if file is not None:
        write_judge_file(file, chosen, outcomes)
    return Judging(tuple(chosen), judgement)


def write_judge_file(path: Path, chosen: Sequence[Mistake], outcomes: Outcomes) -> None:
    """Write false positives as CSV with an empty column "judgement" (UTF-8 with a mark that spreadsheets look for).

    A cell that a spreadsheet would run as a formula gets an apostrophe in front, which reading takes away. Raises
    OutputError.
    """
    snippets = {row.id: row.snippet for row in outcomes.rows}
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(COLUMNS)
    for mistake in chosen:
        texts = [harmless(text) for text in (mistake.id, mistake.title, snippets[mistake.id], mistake.label)]
        table.writerow([*texts, f"{mistake.probability:.4f}", ""])
    write_text(path, "\ufeff" + stream.getvalue())


def read_judge_file(path: Path, outcomes: Outcomes) -> dict[tuple[str, str], str]:
    """What was judged: "yes", "no" or "unsure" by article id and tag; rows without a judgement are left out.

    Comma or semicolon, UTF-8 or what a Western spreadsheet writes; of the columns only id, tag and judgement are read.
    Raises CorpusError, with the line, for an article or a tag that was not evaluated, another word than the three, or
    two judgements of one tag of one article that differ; and where nothing is judged.
    """
    rows = _rows(path)
    ids = {row.id for row in outcomes.rows if row.tags is not None}
    spelling = {tag_key(tag): tag for tag in outcomes.tags}
    found: dict[tuple[str, str], str] = {}
    for line, row in rows:
        said = row["judgement"].strip().casefold()
        if not said:
            continue
        if said not in JUDGEMENTS:
            raise CorpusError(
                "not a judgement", file=path, line=line, field="judgement", found=said, expected="yes, no or unsure"
            )
        if row["id"] not in ids:
            raise CorpusError(
                "no such article",
                file=path,
                line=line,
                field="id",
                found=row["id"],
                expected="the id of an article that was evaluated",
            )
        tag = spelling.get(tag_key(row["tag"]))
        if tag is None:
            raise CorpusError(
                "no such tag", file=path, line=line, field="tag", found=row["tag"], expected="a tag of the model"
            )
        if found.setdefault((row["id"], tag), said) != said:
            raise CorpusError(
                f"judged twice: {tag!r} of article {row['id']!r}",
                file=path,
                line=line,
                field="judgement",
                found=said,
                expected=f"{found[row['id'], tag]}, as before",
            )
    if not found:
        raise CorpusError(
            "nothing is judged", file=path, field="judgement", found="no entry", expected="yes, no or unsure"
        )
    return found


def judge(outcomes: Outcomes, judged: Mapping[tuple[str, str], str]) -> Judgement:
    """Precision and micro-F1 over the model's tags, with the judged false positives taken as true."""
    known = frozenset(outcomes.tags)
    heads = [row.tags for row in outcomes.rows if row.tags is not None]
    return corrected(
        false_positives(outcomes.rows),
        judged,
        hits=sum(len(set(head.decided) & set(head.true)) for head in heads),
        decided=sum(len(head.decided) for head in heads),
        actual=sum(len(known & set(head.true)) for head in heads),
    )


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Each row's line and its cells by column."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"cannot read ({error.strerror})", file=path) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    header = text.split("\n", 1)[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=";" if header.count(";") > header.count(",") else ",")
    try:
        lines = [(table.line_num, cells) for cells in table]
    except csv.Error as error:
        raise CorpusError(f"not a CSV file ({error})", file=path, line=table.line_num) from error
    names = [name.strip().casefold() for name in lines[0][1]] if lines else []
    for name in ("id", "tag", "judgement"):
        if names.count(name) != 1:
            raise CorpusError(
                "not a file of judgements",
                file=path,
                line=1,
                found=f"{names.count(name)} columns {name!r}",
                expected="one each of id, tag, judgement",
            )
    found = []
    for line, cells in lines[1:]:
        if not any(cells):
            continue
        if len(cells) != len(names):
            raise CorpusError(
                "a row of another length", file=path, line=line, found=len(cells), expected=f"{len(names)} cells"
            )
        found.append((line, {name: restored(cell) for name, cell in zip(names, cells, strict=True)}))
    return found
