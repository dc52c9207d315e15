"""LibMultiLabel's data files: labels, tab, text; or id, tab, labels, tab, text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from slugline.corpus.corpus import Record
from slugline.corpus.readers.base import ReadOptions
from slugline.corpus.readers.labelled_lines import Row, first_lines, line_records
from slugline.corpus.readers.table import has_known_header
from slugline.errors import CorpusError

_LABEL = re.compile(r"\S{1,60}")


class LibmultilabelReader:
    """Reads the LibMultiLabel format: labels with blanks between them, quotes without meaning, no header.

    Two cells in a line are labels and text, three are id, labels and text. A text without labels is one that none
    fits. The labels are the key `labels`, which becomes the tags; `--field event_type=labels` makes them event types.
    """

    name = "libmultilabel"
    extra: str | None = None
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether all first lines have as many cells, two or three, of which the last is a text and far the longest."""
        rows = [line.split("\t") for line in first_lines(head)]
        if len(rows) < 2 or len(rows[0]) not in (2, 3) or any(len(row) != len(rows[0]) for row in rows):
            return False
        if has_known_header("\n".join("\t".join(row) for row in rows)):
            return False
        words = sum(len(row[-1].split()) for row in rows)
        labels = [row[-2].split() for row in rows]
        short = all(_LABEL.fullmatch(label) for found in labels for label in found)
        single = len(rows[0]) == 2 or all(len(row[0].split()) == 1 for row in rows)
        return short and single and words >= 3 * len(rows) and words >= 3 * sum(map(len, labels)) and any(labels)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per line; the id of a line without one is the file's name and the line."""

        def row(line: str) -> Row:
            cells = line.split("\t")
            if len(cells) not in (2, 3):
                raise CorpusError("not labels, tab, text", found=f"{len(cells)} cells", expected="2 or 3")
            made: Row = {"labels": cells[-2].split(), "text": cells[-1]}
            return {"id": cells[0], **made} if len(cells) == 3 else made

        yield from line_records(path, row, options)


READER = LibmultilabelReader()
