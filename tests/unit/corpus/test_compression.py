"""Compressed files are known by content, read as streams, and say what is wrong with them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma

import pytest

from slugline.corpus import encoding
from slugline.corpus.compression import compression, plain_name, unpacked, unpacked_start
from slugline.corpus.readers import read_records
from slugline.corpus.readers.articles import read_articles
from slugline.errors import CorpusError

PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
ROWS = "".join(f'{{"id": "a{n}", "text": "Zürich café {n}", "tags": ["x"]}}\n' for n in range(3000)).encode()


@pytest.fixture(params=PACK)
def kind(request):
    return request.param


def test_the_kind_is_told_by_content(kind):
    assert compression(PACK[kind](b"x")) == kind
    assert compression(b"PK\x03\x04") is None


def test_the_start_of_a_large_file_is_enough_to_look_at(kind):
    assert unpacked_start(PACK[kind](ROWS), 100) == ROWS[:100]


@pytest.mark.parametrize("name", ["rows.dat", "rows.jsonl"])
def test_a_compressed_corpus_is_read(kind, name, tmp_path):
    path = tmp_path / name
    path.write_bytes(PACK[kind](ROWS))
    assert len(list(read_records(path))) == 3000
    assert [article.id for article in read_articles(path)][-1] == "a2999"


def test_its_suffix_is_no_part_of_a_name(tmp_path):
    assert [plain_name(f"a.csv{end}") for end in (".gz", ".bz2", ".xz", ".GZ", "")] == ["a.csv"] * 5
    assert plain_name(".gz") == ".gz"
    path = tmp_path / "story.txt.xz"
    path.write_bytes(lzma.compress(b"Headline\n\nText."))
    assert [(article.id, article.title) for article in read_articles(path)] == [("story", "Headline")]


def test_one_that_is_cut_short_says_so(kind, tmp_path):
    path = tmp_path / "cut"
    path.write_bytes(PACK[kind](ROWS)[:-30])
    with pytest.raises(CorpusError, match=r"cut: the compressed file is (cut short|damaged)"):
        encoding.open_bytes(path)


def test_a_damaged_one_says_so(kind, tmp_path):
    packed = bytearray(PACK[kind](ROWS))
    packed[len(packed) // 2 :] = bytes(len(packed) - len(packed) // 2)
    path = tmp_path / "bad"
    path.write_bytes(packed)
    with pytest.raises(CorpusError, match=r"bad: the compressed file is (cut short|damaged)"):
        encoding.open_bytes(path)


def test_what_unpacks_to_much_is_not_unpacked_at_once(kind):
    """A hundred megabytes of zeros in some kilobytes: reading ten of them takes no more memory than that."""
    import tracemalloc

    packed = PACK[kind](bytes(100_000_000))
    tracemalloc.start()
    with unpacked(io.BufferedReader(io.BytesIO(packed)), "bomb") as stream:
        assert stream.read(10) == bytes(10)
    assert len(unpacked_start(packed, 1000)) <= 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
