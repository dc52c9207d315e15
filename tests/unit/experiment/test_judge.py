"""The file in which false positives are judged: safe in a spreadsheet, and read back whatever it did to it."""

from __future__ import annotations

import csv

import pytest

from slugline.errors import CorpusError
from slugline.evaluate.outcomes import Outcome, Outcomes, TagOutcome
from slugline.experiment.judge import judging, read_judge_file

IDS = ("=1+1", "'=2", "-3", "plain", "@ö")


@pytest.fixture
def outcomes():
    rows = tuple(
        Outcome(
            identity,
            "",
            TagOutcome(("War",), ("War", "+Oil"), {"War": 0.9, "+Oil": 0.9 - number / 10}, 1 / 3),
            title=f"=HYPERLINK({number})",
            snippet="a, b; c",
        )
        for number, identity in enumerate(IDS)
    )
    return Outcomes(rows, ("War", "+Oil", "Vote"))


def judge_all(path, words, *, delimiter=",", encoding="utf-8"):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    for row, word in zip(rows[1:], words, strict=False):
        row[-1] = word
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)


def test_no_cell_is_a_formula(outcomes, tmp_path):
    found = judging(outcomes, file=tmp_path / "j.csv")
    assert [mistake.id for mistake in found.chosen] == list(IDS)
    with (tmp_path / "j.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["id", "title", "snippet", "tag", "probability", "judgement"]
    assert [row[0] for row in rows] == ["'=1+1", "''=2", "'-3", "plain", "'@ö"]
    assert not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row if cell)


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), (";", "cp1252")])
def test_what_was_judged_comes_back(outcomes, tmp_path, delimiter, encoding):
    path = tmp_path / "j.csv"
    judging(outcomes, file=path)
    judge_all(path, ["yes", " NO ", "Unsure", "", "yes"], delimiter=delimiter, encoding=encoding)
    assert read_judge_file(path, outcomes) == {
        ("=1+1", "+Oil"): "yes",
        ("'=2", "+Oil"): "no",
        ("-3", "+Oil"): "unsure",
        ("@ö", "+Oil"): "yes",
    }
    judgement = judging(outcomes, judged=path).judgement
    # Of 10 tags given 5 are true, and of the judged ones 2 more.
    assert judgement.precision.value == 0.5
    assert judgement.precision.corrected >= 0.7
    assert judgement.passed_over == 0


def test_judgements_of_tags_that_this_model_does_not_give_are_passed_over(outcomes, tmp_path):
    path = tmp_path / "j.csv"
    path.write_text("id,tag,judgement\nplain,vote,yes\nplain,War,yes\nplain,'+oil,no\n")
    judgement = judging(outcomes, judged=path).judgement
    assert (judgement.passed_over, judgement.missing) == (2, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,tag,judgement\nplain,War,no\nplain,War,yes\n", "j.csv:3: field 'judgement': judged twice"),
        ("id,tag,judgement\nplain,War,maybe\n", "j.csv:2: field 'judgement': not a judgement; found 'maybe'"),
        ("id,tag,judgement\nnobody,War,yes\n", "j.csv:2: field 'id': no such article; found 'nobody'"),
        ('id,tag,judgement\n"plain","Wa\nr",yes\n', "j.csv:3: field 'tag': no such tag"),
        ("id,tag,judgement\nplain,War\n", "j.csv:2: a row of another length"),
        ("id,tag\nplain,War\n", "j.csv:1: not a file of judgements"),
        ("", "j.csv:1: not a file of judgements"),
        ("id,tag,judgement\nplain,War,\n", "nothing is judged"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(outcomes, tmp_path, text, said):
    path = tmp_path / "j.csv"
    path.write_text(text)
    with pytest.raises(CorpusError) as caught:
        read_judge_file(path, outcomes)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_a_missing_file_and_a_model_without_tags(outcomes, tmp_path):
    with pytest.raises(CorpusError, match="cannot read"):
        judging(outcomes, judged=tmp_path / "nowhere.csv")
    with pytest.raises(CorpusError, match="no tags were evaluated"):
        judging(Outcomes(()), count=3)
    assert judging(Outcomes(())).to_dict() == {}


def test_the_most_probable_or_some_of_every_band(outcomes):
    assert [mistake.id for mistake in judging(outcomes, count=2).chosen] == list(IDS[:2])
    bands = {mistake.probability >= 0.9 for mistake in judging(outcomes, count=2, spread=True).chosen}
    assert bands == {True, False}
