"""Lines of a growing file, step by step: `sleep` is where the writer gets its turn."""

from __future__ import annotations

import gzip
import os
import sys

import pytest

from slugline.corpus import follow as module
from slugline.corpus.follow import follow
from slugline.errors import CorpusError


class EnoughError(Exception):
    """Ends what would wait without an end."""


def followed(path, *steps):
    """What is yielded while `steps` are done, one each time that nothing new is there; and what was told."""
    waiting, told, found = list(steps), [], []

    def sleep(_seconds):
        if not waiting:
            raise EnoughError
        step = waiting.pop(0)
        if step is not None:
            step()

    def read():
        for lines in follow(str(path), sleep=sleep, tell=told.append):
            found.extend((lines.first + number, text) for number, text in enumerate(lines.texts))

    with pytest.raises(EnoughError):
        read()
    return found, told


def append(path, data):
    def done():
        with path.open("ab") as stream:
            stream.write(data)

    return done


def test_whole_lines_are_yielded_and_halves_are_waited_for(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"one\ntw")
    found, told = followed(
        path, append(path, b"o"), append(path, "\nthrée\r\nfo".encode()), append(path, b"ur\n\nsix\n")
    )
    assert found == [(1, "one"), (2, "two"), (3, "thrée"), (4, "four"), (5, ""), (6, "six")]
    assert told == []


def test_a_letter_cut_in_two_is_put_together(tmp_path):
    path = tmp_path / "f"
    path.write_bytes("é".encode()[:1])
    assert followed(path, append(path, "é".encode()[1:] + b"\n"))[0] == [(1, "é")]


def test_what_is_there_at_once_comes_at_once(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"a\nb\nc\n")
    assert next(follow(str(path))).texts == ["a", "b", "c"]


def test_a_rotated_file_is_read_to_its_end_and_then_the_new_one(tmp_path):
    path, old = tmp_path / "f", tmp_path / "f.1"
    path.write_bytes(b"a\n")

    def rotate():
        path.rename(old)

    steps = [rotate, append(old, b"late\nlast"), None, None, lambda: path.write_bytes(b"new\n")]
    found, told = followed(path, *steps)
    assert found == [(1, "a"), (2, "late"), (3, "last"), (1, "new")]
    assert [line.split(str(path))[-1] for line in told] == [
        " was replaced; reading the new one",
        ", which is not there yet",
    ]


def test_a_file_replaced_by_another_of_its_name(tmp_path):
    path, other = tmp_path / "f", tmp_path / "g"
    path.write_bytes(b"a\n")
    other.write_bytes(b"b\n")
    found, _ = followed(path, lambda: other.replace(path), None, None)
    assert found == [(1, "a"), (1, "b")]


def test_a_truncated_file_is_read_from_its_start(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"first\nsecond\nhal")
    found, told = followed(path, lambda: path.write_bytes(b"new\n"))
    assert found == [(1, "first"), (2, "second"), (1, "new")]
    assert told == [f"{path} was truncated; reading it from its start"]


def test_a_file_that_is_not_there_is_waited_for(tmp_path):
    path = tmp_path / "f"
    found, told = followed(path, None, lambda: path.write_bytes(b"\xef\xbb\xbfhere\n"))
    assert found == [(1, "here")]
    assert told == [f"waiting for {path}, which is not there yet"]


def test_memory_is_bounded_by_the_longest_line(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_LINE", 100)
    path = tmp_path / "f"
    path.write_bytes(b"ok\n" + b"x" * 50)
    with pytest.raises(CorpusError, match="f:2: the line is too long"):
        for _ in follow(str(path), sleep=lambda _: append(path, b"x" * 60)()):
            pass


def test_what_cannot_be_followed_says_so(tmp_path):
    packed = tmp_path / "f.gz"
    packed.write_bytes(gzip.compress(b"x"))
    with pytest.raises(CorpusError, match="compressed file cannot be followed"):
        next(follow(str(packed)))
    with pytest.raises(CorpusError, match="is a folder"):
        next(follow(str(tmp_path)))


def test_standard_input_ends_with_its_end(monkeypatch):
    reading, writing = os.pipe()
    os.write(writing, b"a\nb\nlast")
    os.close(writing)
    with os.fdopen(reading) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert [text for lines in follow("-") for text in lines.texts] == ["a", "b", "last"]
