"""What keys do to an article under review, and what is saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from slugline import feedback
from slugline.cli import console
from slugline.cli.review_screen import marked
from slugline.cli.reviewing import review_picks
from slugline.feedback import EventAnswer, Feedback
from slugline.marks import Mark
from slugline.picks import pick
from slugline.predict import Predictor
from small_model import ARTICLES, small_bundle


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(small_bundle())


def _review(
    predictor: Predictor, log: Path, keys: str, lines: Sequence[str] = (), *, count: int = 4, keep_text: bool = False
) -> list[Feedback]:
    found = pick(predictor, ARTICLES, count)
    waiting, asked = iter(keys), iter(lines)

    def key() -> str:
        pressed = next(waiting)
        if pressed == "^":
            raise KeyboardInterrupt
        return pressed

    review_picks(
        predictor,
        found,
        log,
        "anna",
        keep_text=keep_text,
        key=key,
        ask=lambda _text, _words: next(asked),
    )
    return list(feedback.read(log)) if log.exists() else []


def test_accepting_says_what_was_marked_and_that_it_is_all(predictor: Predictor, tmp_path: Path) -> None:
    one, *_ = pick(predictor, ARTICLES, 4)
    decided = [tag.tag for tag in one.prediction.tags if tag.decided]
    doubted = [tag.tag for tag in one.prediction.tags if not tag.decided]
    assert decided
    (answer,) = _review(predictor, tmp_path / "log", "aq")
    assert (answer.accepted, answer.rejected, answer.added) == (tuple(decided), tuple(doubted), ())
    assert answer.complete
    assert answer.who == "anna"
    assert answer.digest == one.digest
    assert answer.title is None
    event = one.prediction.event_type
    assert answer.event_type == (None if event is None else EventAnswer("accepted", event.type or event.group))


def test_marks_move_tags(predictor: Predictor, tmp_path: Path) -> None:
    one, *_ = pick(predictor, ARTICLES, 4)
    first = one.prediction.tags[0]
    (answer,) = _review(predictor, tmp_path / "log", "1oq", keep_text=True)
    assert (first.tag in answer.rejected) == first.decided
    assert not answer.complete
    assert answer.article is not None
    # Twice is as if it had not been touched.
    (again,) = _review(predictor, tmp_path / "again", "11aq")
    assert first.tag in again.accepted


def test_tags_are_added_by_their_name_or_all_the_same(predictor: Predictor, tmp_path: Path) -> None:
    (answer,) = _review(predictor, tmp_path / "log", "++aq", ["never", "Brand new", "y"])
    assert answer.added[-2:] == ("Never", "Brand new")
    (answer,) = _review(predictor, tmp_path / "other", "++aq", ["", "Brand new", "n"])
    assert "Brand new" not in answer.added


def test_event_types_are_corrected(predictor: Predictor, tmp_path: Path) -> None:
    one, *_ = pick(predictor, ARTICLES, 4)
    event = one.prediction.event_type
    said = None if event is None else event.type or event.group
    other = next(name for name in ("economy", "armed_conflict") if name != said)
    (answer,) = _review(predictor, tmp_path / "log", "taq", [other])
    assert answer.event_type == EventAnswer("corrected", other)
    (answer,) = _review(predictor, tmp_path / "none", "taq", ["none"])
    assert answer.event_type is not None
    assert answer.event_type.type is None
    (answer,) = _review(predictor, tmp_path / "bad", "taq", ["nonsense"])
    assert answer.event_type == (None if said is None else EventAnswer("accepted", said))


def test_refusing_skipping_and_stopping(predictor: Predictor, tmp_path: Path) -> None:
    first, second, *_ = pick(predictor, ARTICLES, 4)
    answers = _review(predictor, tmp_path / "log", "srq")
    assert [answer.digest for answer in answers] == [second.digest]
    assert answers[0].rejected == tuple(tag.tag for tag in second.prediction.tags if tag.decided)
    assert answers[0].accepted == ()
    assert _review(predictor, tmp_path / "nothing", "q") == []
    # Ctrl-C is "stop": what was said before it is saved.
    assert [one.digest for one in _review(predictor, tmp_path / "stopped", "a^")] == [first.digest]


def test_each_answer_is_saved_at_once(predictor: Predictor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    seen: list[int] = []
    keys = iter("aaq")

    def key() -> str:
        seen.append(len(list(feedback.read(log))) if log.exists() else 0)
        return next(keys)

    review_picks(predictor, pick(predictor, ARTICLES, 4), log, "anna", keep_text=False, key=key)
    assert seen == [0, 1, 2]


def test_every_screen_fits_80_columns(predictor: Predictor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _review(predictor, tmp_path / "log", "m?tssssq", ["?"])
    # But for the path of the log.
    lines = [line for line in capsys.readouterr().out.splitlines() if str(tmp_path) not in line]
    assert [line for line in lines if len(line) > 80] == []
    assert any("Rebels seize Aleppo" in line for line in lines)


def test_marks_colour_the_words_that_they_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Rebels took Aleppo\n\nBanks wait"
    monkeypatch.setattr(console, "use_colour", lambda: True)
    lines = marked(text, [Mark("body", 0, 6, 1.0), Mark("body", 20, 25, -0.5), Mark("body", 7, 11, 0.01)], 14)
    assert lines == ["\x1b[1;32mRebels\x1b[0m took", "Aleppo", "", "\x1b[31mBanks\x1b[0m wait"]
    monkeypatch.setattr(console, "use_colour", lambda: False)
    assert marked(text, [Mark("body", 0, 6, 1.0)], 14) == ["Rebels took", "Aleppo", "", "Banks wait"]
    assert marked("x" * 30, [], 14) == ["x" * 14, "x" * 14, "xx"]
    assert marked("", [], 14) == [""]
