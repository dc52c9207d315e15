"""fastText's training files: a text a line, among its words those with a prefix are its labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from slugline.corpus.corpus import Record
from slugline.corpus.readers.base import ReadOptions
from slugline.corpus.readers.labelled_lines import Row, first_lines, line_records

PREFIX = "__label__"
"""What fastText takes for a label's prefix where nothing else is said."""


class FasttextReader:
    """Reads lines such as `__label__sauce __label__cheese How much does potato starch affect a cheese sauce recipe?`.

    As in fastText, any word of the line that begins with the prefix is a label, and a line without one is not learned
    from: not annotated. The labels are the key `labels`, which becomes the tags; `--field event_type=labels` makes them
    the event type. `--field label_prefix=...` names another prefix, with `--reader fasttext`.
    """

    name = "fasttext"
    extra: str | None = None
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether most lines have a word that begins with `__label__`, and the first one has."""
        found = [any(word.startswith(PREFIX) for word in line.split()) for line in first_lines(head)]
        return bool(found) and found[0] and 4 * sum(found) >= 3 * len(found)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per line; its id is the file's name and the line."""
        prefix = options.fields.get("label_prefix", PREFIX)

        def row(line: str) -> Row:
            words = line.split()
            labels = [word[len(prefix) :] for word in words if word.startswith(prefix) and len(word) > len(prefix)]
            text = " ".join(word for word in words if not word.startswith(prefix))
            return {"labels": labels or None, "text": text}

        yield from line_records(path, row, options)


READER = FasttextReader()
