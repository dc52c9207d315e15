from __future__ import annotations

import codecs
import gzip
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus import encoding
from slugline.corpus.encoding import (
    binary_kind,
    decode,
    lines,
    open_bytes,
    peek_text,
    read_head,
    read_text,
    split_lines,
)
from slugline.errors import CorpusError

TEXT = "Zürich café: “naïve”\nsecond line €5\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("utf-32-le"),
        TEXT.encode("utf-32-be"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r\n").encode("cp1252"),
        TEXT.replace("\n", "\r").encode("utf-16"),
        TEXT.replace("\n", "\r").encode("cp1252"),
    ],
    ids=str,
)
def test_the_same_text_comes_out_of_every_encoding(data, tmp_path):
    path = tmp_path / "text"
    path.write_bytes(data)
    assert read_text(path) == TEXT
    assert "".join(lines(path)) == TEXT
    path.write_bytes(gzip.compress(data))
    assert read_text(path) == TEXT
    assert list(lines(path)) == TEXT.splitlines(keepends=True)
    assert peek_text(read_head(path)).startswith("Zürich café")


@pytest.mark.parametrize("text", ["Москва. Новости дня\n", "日本語のテキスト、二行\n次の行\n", "العربية نص\n", "x\n"])
@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_without_a_mark_are_known_by_their_zero_bytes(text, name):
    text *= 4
    assert decode(text.encode(name)) == text


def test_a_bad_byte_spoils_a_line_and_not_the_file():
    assert decode("Zürich\n".encode() + "Málaga\n".encode("latin-1")) == "Zürich\nMálaga\n"


def test_bytes_that_windows_1252_leaves_undefined_are_read_as_latin_1():
    assert decode(b"a\x81b\xff") == "a\x81bÿ"


def test_a_named_encoding_is_kept_to(tmp_path):
    path = tmp_path / "text"
    path.write_bytes("Łódź\n".encode("iso-8859-2"))
    assert read_text(path, "iso-8859-2") == "Łódź\n"
    assert list(lines(path, "latin2")) == ["Łódź\n"]
    with pytest.raises(CorpusError, match=r"text: not text in this encoding; expected utf-8"):
        read_text(path, "utf-8")
    path.write_bytes(b"fine\n" * 10 + b"caf\xe9\n")
    with pytest.raises(CorpusError, match=r"not text in this encoding"):
        list(lines(path, "utf-8"))


@pytest.mark.parametrize("name", ["latin-17", "base64", ""])
def test_an_unknown_encoding_is_an_error(name):
    with pytest.raises(CorpusError, match="unknown encoding; found"):
        decode(b"x", name)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"%PDF-1.7", "a PDF file"),
        (b"\x89PNG\r\n", "a PNG image"),
        (bytes(range(256)), "a binary file"),
        (b"text with \0 in it", "a binary file"),
        (b"\x80\x04\x95K\x00}", "a binary file"),
        (b"", None),
        (b"one stray \x03 of the newswire", None),
        ("日本語のテキスト\n".encode("utf-16"), None),
    ],
)
def test_binary_files_are_told_from_text(data, kind):
    assert binary_kind(data) == kind
    if kind is not None:
        with pytest.raises(CorpusError, match=f"f: not a text file; found {kind}; expected text"):
            decode(data, file="f")


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_truncated_gzip_is_an_error_that_says_so(tmp_path, cut):
    whole = gzip.compress("\n".join(str(number) for number in range(10_000)).encode())
    path = tmp_path / "cut.gz"
    path.write_bytes(whole[: int(len(whole) * cut)])
    for read in (open_bytes, read_text, lambda p: list(lines(p))):
        with pytest.raises(CorpusError, match=r"cut\.gz: the compressed file is cut short"):
            read(path)


def test_a_damaged_gzip_is_an_error_that_says_so(tmp_path):
    whole = bytearray(gzip.compress(b"some text, " * 100))
    whole[15] ^= 0xFF
    path = tmp_path / "bad.gz"
    path.write_bytes(whole)
    with pytest.raises(CorpusError, match=r"bad\.gz: the compressed file is (damaged|cut short)"):
        open_bytes(path)


def test_what_cannot_be_opened_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match=r"none: cannot read \(No such file"):
        open_bytes(tmp_path / "none")
    with pytest.raises(CorpusError, match="cannot read"):
        list(lines(tmp_path))


def test_a_line_that_is_too_long_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "MAX_LINE", 1000)
    path = tmp_path / "long"
    path.write_bytes(b"short\n" + b"x" * 2000)
    with pytest.raises(CorpusError, match="long:2: the line is too long"):
        list(lines(path))


def test_lines_are_read_in_bounded_memory(tmp_path):
    path = tmp_path / "big.gz"
    path.write_bytes(gzip.compress(b"a line of some length, all the same\n" * 100_000))
    tracemalloc.start()
    assert sum(1 for _ in lines(path)) == 100_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200))
def test_utf_8_comes_out_as_it_went_in(text):
    assert decode(text.encode()) == text.removeprefix("\ufeff")


@given(st.text("aäßéüñ \n", max_size=100))
def test_windows_1252_comes_out_as_it_went_in(text):
    # What happens to be UTF-8 as well ("ä" and two "œ") comes out otherwise; no order of these letters is.
    assert decode(text.encode("cp1252")) == text


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_an_error_of_ours(data):
    try:
        text = decode(data)
    except CorpusError:
        return
    assert isinstance(text, str)


@given(st.text("ab\n\r\u2028\x0b", max_size=50))
def test_lines_put_together_are_the_text(text):
    assert "".join(split_lines(text)) == text.replace("\r\n", "\n").replace("\r", "\n")
    assert all("\n" not in line[:-1] for line in split_lines(text))


@pytest.mark.parametrize("codec", ["undefined", "base64", "no-such", "utf-8\0"])
def test_a_codec_that_is_none_for_text(codec):
    with pytest.raises(CorpusError, match="unknown encoding"):
        decode(b"text", codec)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux has such a file")
def test_a_file_that_fails_while_it_is_read_is_named():
    """The memory of a process: it opens, and reading it is an error."""
    for read in (read_head, open_bytes, lambda path: list(lines(path))):
        with pytest.raises(CorpusError, match=r"/proc/self/mem: cannot read \(Input/output error\)"):
            read(Path("/proc/self/mem"))
