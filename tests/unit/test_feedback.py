"""The log of feedback: written by several at once, left by killed writers, read strictly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline import feedback
from slugline.article import Article
from slugline.errors import CorpusError, OutputError
from slugline.feedback import EventAnswer, Feedback, article_digest
from slugline.locks import holding

MODEL = "sha256:" + "0" * 64
ARTICLE = Article("a1", "Rebels seize airport", "Syrian rebels said…\n\nOn Monday.")


def _answer(number: int = 1, **more: object) -> Feedback:
    return Feedback.of(Article(f"a{number}", f"Title {number}", "Body"), model=MODEL, who="anna", **more)  # type: ignore[arg-type]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    answers = [
        Feedback.of(
            ARTICLE,
            model=MODEL,
            who="anna",
            accepted=["Syria"],
            rejected=["Iraq"],
            added=["Aleppo"],
            complete=True,
            event_type=EventAnswer("corrected", "armed_conflict"),
            keep_text=True,
        ),
        _answer(event_type=EventAnswer("accepted", None)),
    ]
    for answer in answers:
        feedback.append(log, answer)
    assert list(feedback.read(log)) == answers
    assert answers[0].article == Article("a1", ARTICLE.title, ARTICLE.body)
    assert answers[0].tags == {"Syria", "Aleppo"}


def test_a_line_is_as_documented(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    feedback.append(log, Feedback.of(ARTICLE, model=MODEL, who="anna", accepted=["Syria"]))
    (line,) = log.read_text().splitlines()
    row = json.loads(line)
    assert row.pop("time").endswith("Z")
    assert row == {
        "format": 1,
        "who": "anna",
        "model": MODEL,
        "article": {"id": "a1", "digest": article_digest(ARTICLE)},
        "tags": {"accepted": ["Syria"], "rejected": [], "added": []},
        "event_type": None,
    }


def test_text_is_kept_only_if_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    feedback.append(log, Feedback.of(ARTICLE, model=MODEL))
    assert "rebels" not in log.read_text().lower()
    feedback.append(log, Feedback.of(ARTICLE, model=MODEL, keep_text=True))
    assert "rebels" in log.read_text().lower()


def test_the_digest_is_of_the_cleaned_text() -> None:
    same = Article("other id", "Rebels  seize airport", "Syrian rebels said…\r\n\r\nOn Monday.\u200b")
    assert article_digest(same) == article_digest(ARTICLE)
    assert article_digest(Article("a1", ARTICLE.title + ".", ARTICLE.body)) != article_digest(ARTICLE)
    # Where the title ends and the body starts counts.
    assert article_digest(Article("", "a b", "c")) != article_digest(Article("", "a", "b c"))


_WRITER = """
import sys
from slugline import feedback
from slugline.article import Article
for number in range(int(sys.argv[3])):
    article = Article(f"{sys.argv[2]}-{number}", "Title", "x" * (number * 997 % 20000))
    answer = feedback.Feedback.of(article, model="sha256:" + "0" * 64, who=sys.argv[2], keep_text=True)
    feedback.append(sys.argv[1], answer)
    print(number, flush=True)
"""


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(log), who, "60"], stdout=subprocess.DEVNULL)
        for who in ("anna", "ben")
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    seen = [answer.id for answer in feedback.read(log)]
    for who in ("anna", "ben"):
        assert [one for one in seen if one.startswith(who)] == [f"{who}-{number}" for number in range(60)]


def test_a_killed_writer_loses_nothing_that_it_had_appended(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(log), "anna", "100000"], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    for _ in range(20):
        done = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    done = max([done, *map(int, writer.stdout.read().split())])
    writer.wait(timeout=60)
    feedback.append(log, _answer(7))
    seen = [answer.id for answer in feedback.read(log)]
    assert seen[: done + 1] == [f"anna-{number}" for number in range(done + 1)]
    assert seen[-1] == "a7"


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_torn_last_line_is_passed_over_and_closed_by_the_next_writer(tmp_path: Path, cut: int) -> None:
    log = tmp_path / "log.jsonl"
    for number in (1, 2):
        feedback.append(log, _answer(number))
    log.write_bytes(log.read_bytes()[:-cut])
    if cut == 1:
        # Only the end of the line is missing: the answer is whole.
        assert [answer.id for answer in feedback.read(log)] == ["a1", "a2"]
    else:
        torn: list[CorpusError] = []
        assert [answer.id for answer in feedback.read(log, torn.append)] == ["a1"]
        assert [str(error) for error in torn] == [f"{log}:2: an unfinished answer is passed over"]
    before = log.read_bytes()
    feedback.append(log, _answer(3))
    assert log.read_bytes().startswith(before)
    torn = []
    assert [answer.id for answer in feedback.read(log, torn.append)] == (["a1"] if cut > 1 else ["a1", "a2"]) + ["a3"]
    assert [error.line for error in torn] == ([2] if cut > 1 else [])


def test_a_line_cut_within_a_character_or_longer_than_what_is_read_at_once_is_closed(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    feedback.append(log, _answer(1))
    log.write_bytes(log.read_bytes() + b'{"who": "' + b"a" * 200_000 + "é".encode()[:1])
    feedback.append(log, _answer(2))
    assert [answer.id for answer in feedback.read(log)] == ["a1", "a2"]


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log.jsonl"
    feedback.append(log, _answer(1))
    before, write = log.read_bytes(), os.write
    taken: list[int] = []

    def full(handle: int, content: bytes) -> int:
        if taken:
            raise OSError(28, "No space left on device")
        taken.append(1)
        return write(handle, content[:10])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError, match="No space left"):
        feedback.append(log, _answer(2))
    monkeypatch.undo()
    assert log.read_bytes() == before


def _row(**changes: object) -> dict[str, object]:
    return _answer().to_dict() | changes


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{nonsense}", "not JSON; found '{nonsense}'; expected an answer as in docs/review.md"),
        (["list"], "not an answer; found ['list']; expected an object"),
        (_row(format=2), "field 'format': unknown format; found 2; expected 1"),
        (_row(article="a1"), "field 'article': not an answer; found 'a1'; expected an object"),
        (_row(article={"id": 1, "digest": MODEL}), "field 'article.id': wrong type; found 1; expected text"),
        (
            _row(article={"id": "1", "digest": "md5:1"}),
            "field 'article.digest': no digest; found 'md5:1'; expected sha256: and 64 digits",
        ),
        (
            _row(article={"id": "1", "digest": MODEL, "title": "T"}),
            "field 'body': wrong type; expected text",
        ),
        (_row(time="yesterday"), "field 'time': no time; found 'yesterday'; expected UTC such as 2026-11-26T12:00:00Z"),
        (_row(time="2026-13-41T12:00:00Z"), "field 'time': no time"),
        (_row(who=None), "field 'who': wrong type; expected text"),
        (_row(tags={"accepted": "Syria"}), "field 'tags.accepted': wrong type; found 'Syria'; expected a list of tags"),
        (_row(tags={"added": [" "]}), "field 'tags.added': wrong type; found [' ']; expected a list of tags"),
        (
            _row(tags={"accepted": ["A"], "rejected": ["A"]}),
            "field 'tags.rejected': a tag both rejected and not; found 'A'",
        ),
        (_row(tags={"complete": 1}), "field 'tags.complete': wrong type; found 1; expected true or false"),
        (_row(event_type={"liked": "x"}), "field 'event_type': unknown answer"),
        (_row(event_type={"accepted": 3}), "field 'event_type.accepted': wrong type"),
        (_row(event_type={"accepted": "x", "rejected": "y"}), "field 'event_type': unknown answer"),
    ],
)
def test_a_bad_line_is_one_error_that_names_it(tmp_path: Path, row: object, said: str) -> None:
    log = tmp_path / "log.jsonl"
    feedback.append(log, _answer(1))
    with log.open("a") as stream:
        stream.write((row if isinstance(row, str) else json.dumps(row)) + "\n")
    feedback.append(log, _answer(2))
    with pytest.raises(CorpusError) as raised:
        list(feedback.read(log))
    assert str(raised.value).startswith(f"{log}:2: {said}")


def test_a_log_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        list(feedback.read(tmp_path / "none.jsonl"))
    with pytest.raises(OutputError, match="cannot write"):
        feedback.append(tmp_path / "no" / "folder.jsonl", _answer())


def test_an_answer_may_not_contradict_itself() -> None:
    with pytest.raises(CorpusError, match="both rejected and not"):
        _answer(accepted=["Syria"], rejected=["Syria"])


_text = st.text(max_size=20)
_tag = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=5)


@given(
    title=_text,
    body=_text,
    who=_text,
    accepted=st.sets(_tag),
    kind=st.sampled_from(feedback.KINDS),
    complete=st.booleans(),
    keep=st.booleans(),
)
def test_any_answer_survives_its_json(
    title: str, body: str, who: str, accepted: set[str], kind: str, complete: bool, keep: bool
) -> None:
    answer = Feedback.of(
        Article("id", title, body),
        model=MODEL,
        who=who,
        accepted=sorted(accepted),
        complete=complete,
        event_type=EventAnswer(kind, "x"),
        keep_text=keep,
    )
    assert Feedback.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks on Windows")
def test_a_log_that_another_process_keeps_locked_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch) -> None:
    log = tmp_path / "log.jsonl"
    feedback.append(log, _answer(1))
    before = log.read_bytes()
    monkeypatch.setattr(feedback, "PATIENCE", 0.1)
    with holding(log), pytest.raises(OutputError, match=r"log.jsonl: another process keeps it locked"):
        feedback.append(log, _answer(2))
    assert log.read_bytes() == before
    feedback.append(log, _answer(3))


def test_the_name_of_a_log_is_on_disk_whoever_made_it(tmp_path: Path, monkeypatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(feedback, "sync_folder", synced.append)
    (tmp_path / "log.jsonl").touch()
    for number in range(2):
        feedback.append(tmp_path / "log.jsonl", _answer(number))
    assert synced == [tmp_path]
