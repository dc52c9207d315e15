"""A small corpus read into a spool."""

import json

import pytest

from slugline.config import CorpusConfig
from slugline.corpus.stream import CorpusStream
from slugline.learn.stream import reading
from slugline.learn.stream.spool import Spool
from stream_corpus import FEATURES


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(reading, "ROWS", 37)


@pytest.fixture
def read(tmp_path, small_chunks):
    """Reads rows into a new spool; gives the spool and what `read_corpus` tells."""

    def make(own, name="spool", **config):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in own))
        spool = Spool.open(tmp_path / name, {"corpus": name})
        stream = CorpusStream.open(CorpusConfig(str(path), **config))
        return spool, reading.read_corpus(stream, FEATURES, spool, characters=1 << 20, slots=1 << 16)

    return make
