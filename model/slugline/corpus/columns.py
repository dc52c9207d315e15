"""Columns of a table that no field is read from: a text or a label under another name than the usual ones."""

from __future__ import annotations

import dataclasses

from slugline.corpus.load import Source
from slugline.corpus.readers.fields import FieldMap
from slugline.corpus.readers.table import rows


def unread_columns(source: Source) -> tuple[str, ...]:
    """The columns of a table that nothing is read from, in order; empty for a corpus that is no table.

    Raises CorpusError for a table that cannot be read at all.
    """
    if source.reader.name != "table":
        return ()
    # Bad rows have been told of by whoever read the corpus.
    options = dataclasses.replace(source.options, on_bad=lambda _: None)
    _, first = next(rows(source.path, options), (0, {}))
    used = set(FieldMap(source.path, options).used(first))
    return tuple(column for column in first if column not in used)
