"""Reuters SGML: labels, text, the ModApte split, and faults."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import tarfile

import pytest

from slugline.corpus.readers import ReadOptions, find_reader, read_records
from slugline.corpus.readers.reuters import content_digest
from slugline.errors import CorpusError

HEAD = '<!DOCTYPE lewis SYSTEM "lewis.dtd">\n'


def article(
    number: int,
    text: str,
    *,
    topics: str = "YES",
    split: str = "TRAIN",
    labels: dict[str, list[str]] | None = None,
    date: str = "26-FEB-1987 15:01:01.79",
) -> str:
    families = "".join(
        f"<{name}>{''.join(f'<D>{item}</D>' for item in (labels or {}).get(name, []))}</{name}>\n"
        for name in ("TOPICS", "PLACES", "PEOPLE", "ORGS", "EXCHANGES", "COMPANIES")
    )
    return (
        f'<REUTERS TOPICS="{topics}" LEWISSPLIT="{split}" CGISPLIT="TRAINING-SET" OLDID="9{number}" NEWID="{number}">\n'
        f"<DATE>{date}</DATE>\n{families}<UNKNOWN> \n&#5;&#5;&#5;C T</UNKNOWN>\n{text}\n</REUTERS>\n"
    )


NORMAL = (
    "<TEXT>&#2;\n<TITLE>STANDARD OIL &lt;SRD> TO FORM\nFINANCIAL &amp; TRADING UNIT</TITLE>\n"
    "<AUTHOR>    By Janie Gabbett, Reuters</AUTHOR>\n"
    "<DATELINE>    CLEVELAND, Feb 26 - </DATELINE><BODY>Standard Oil Co said it\nplans a venture.\n"
    "    BP owns 55 pct.\n Reuter\n&#3;</BODY></TEXT>"
)
BRIEF = '<TEXT TYPE="BRIEF">&#2;\n******<TITLE>GOLD RISES IN LONDON\n</TITLE>Blah blah blah.\n&#3;\n\n</TEXT>'
UNPROC = '<TEXT TYPE="UNPROC">&#2;\nFEDERAL RESERVE REPORT\n    Bank borrowings.....680\n Reuter\n&#3;\n\n</TEXT>'


def corpus(*articles: str) -> bytes:
    return (HEAD + "".join(articles)).encode("latin-1")


def read(path, families=None, on_bad=None):
    options = ReadOptions(families=families, **({} if on_bad is None else {"on_bad": on_bad}))
    return list(read_records(path, options=options))


@pytest.fixture
def folder(tmp_path):
    labels = {
        "TOPICS": ["acq", "crude"],
        "PLACES": ["usa"],
        "PEOPLE": ["reagan"],
        "ORGS": ["ec"],
        "EXCHANGES": ["nyse"],
    }
    (tmp_path / "reut2-001.sgm").write_bytes(corpus(article(3, UNPROC, split="NOT-USED")))
    (tmp_path / "reut2-000.sgm").write_bytes(
        corpus(article(1, NORMAL, labels=labels), article(2, BRIEF, split="TEST", date=" 2-JUN-1987 09:18:40.87"))
    )
    (tmp_path / "README.txt").write_text("about")
    return tmp_path


def test_text_labels_and_date(folder):
    first, second, third = read(folder)
    assert [record.article.id for record in (first, second, third)] == ["1", "2", "3"]
    assert first.article.title == "STANDARD OIL <SRD> TO FORM FINANCIAL & TRADING UNIT"
    assert first.article.body == "CLEVELAND, Feb 26 - Standard Oil Co said it plans a venture.\n\nBP owns 55 pct."
    assert first.article.date == dt.date(1987, 2, 26)
    assert first.labels.tags == {"acq", "crude", "usa", "reagan", "ec", "nyse"}
    assert first.labels.event_type is None
    assert (second.article.title, second.article.body) == ("GOLD RISES IN LONDON", "")
    assert second.article.date == dt.date(1987, 6, 2)
    assert second.labels.tags == frozenset()
    assert (third.article.title, third.article.body) == ("FEDERAL RESERVE REPORT", "Bank borrowings.....680")


def test_modapte_needs_indexed_articles(tmp_path):
    made = [
        article(number, NORMAL, topics=topics, split=split)
        for number, (topics, split) in enumerate(
            [("YES", "TRAIN"), ("YES", "TEST"), ("YES", "NOT-USED"), ("NO", "TRAIN"), ("BYPASS", "TEST")], start=1
        )
    ]
    (tmp_path / "reut2-000.sgm").write_bytes(corpus(*made))
    assert [record.part for record in read(tmp_path)] == ["train", "held-out", "unused", "unused", "unused"]


@pytest.mark.parametrize(
    ("topics", "labels", "families", "expected"),
    [
        ("YES", {}, ("topics",), frozenset()),
        ("NO", {}, ("topics",), None),
        ("NO", {"PLACES": ["usa"]}, None, None),
        ("NO", {"PLACES": ["usa"]}, ("places", "orgs"), {"usa"}),
        ("NO", {}, ("places",), frozenset()),
        ("NO", {"TOPICS": ["gold"]}, ("topics",), {"gold"}),
        ("BYPASS", {}, ("topics",), None),
        ("BYPASS", {}, ("places",), None),
        ("YES", {"TOPICS": ["gold"], "PLACES": ["usa"]}, ("places",), {"usa"}),
    ],
)
def test_not_indexed_is_not_annotated(tmp_path, topics, labels, families, expected):
    (tmp_path / "reut2-000.sgm").write_bytes(corpus(article(1, NORMAL, topics=topics, labels=labels)))
    assert read(tmp_path, families)[0].labels.tags == expected


def pack(folder, name="r.tar.gz", mode="w:gz", order=1):
    with tarfile.open(folder.parent / name, mode) as archive:
        for file in sorted(folder.iterdir())[::order]:
            archive.add(file, f"sub/{file.name}")
    return folder.parent / name


def test_archive_folder_and_file_read_the_same(folder):
    expected = read(folder)
    packed, plain = pack(folder), pack(folder, "r.tar", "w", order=-1)
    assert {find_reader(path).name for path in (folder, packed, plain, folder / "reut2-000.sgm")} == {"reuters"}
    assert read(packed) == read(plain) == expected
    assert read(folder / "reut2-000.sgm") == expected[:2]
    assert content_digest(folder) == content_digest(packed) == content_digest(plain)


def test_digest_ignores_the_stray_byte_but_no_text(folder, tmp_path):
    before = content_digest(folder)
    file = folder / "reut2-000.sgm"
    data = file.read_bytes()
    file.write_bytes(data.replace(b"plans a", b"plans \xfca").replace(b"\n", b"\r\n"))
    assert content_digest(folder) == before
    file.write_bytes(data.replace(b"plans a", b"plans the"))
    assert content_digest(folder) != before


def test_latin_1_bytes_and_sign_offs(tmp_path):
    endings = ["ends.\n REUTER...^M\n&#3;", "ends. REUTER\n&#3;", "ends.\n reuter\n&#3;", "ends.\n Reuter\n&#3;"]
    kept = "said Edzard Reuter"
    made = [f"<TEXT>&#2;\n<TITLE>Z\xfcRICH</TITLE><BODY>It {text}</BODY></TEXT>" for text in [*endings, kept]]
    (tmp_path / "a.sgm").write_bytes(corpus(*(article(number, text) for number, text in enumerate(made, start=1))))
    records = read(tmp_path)
    assert [record.article.body for record in records] == ["It ends."] * 4 + ["It said Edzard Reuter"]
    assert records[0].article.title == "ZüRICH"


def test_faults_name_file_and_line(tmp_path):
    broken = article(2, NORMAL).replace("</REUTERS>", "").replace("</BODY></TEXT>", "")
    nameless = article(4, NORMAL).replace(' NEWID="4"', "")
    again = article(1, NORMAL)
    (tmp_path / "a.sgm").write_bytes(corpus(article(1, NORMAL), broken, article(3, NORMAL), nameless, again))
    with pytest.raises(CorpusError, match=r"a\.sgm:\d+: article without its end"):
        read(tmp_path)
    errors: list[CorpusError] = []
    assert [record.article.id for record in read(tmp_path, on_bad=errors.append)] == ["1", "3"]
    lines = enumerate((tmp_path / "a.sgm").read_text("latin-1").split("\n"), 1)
    starts = [number for number, line in lines if line.startswith("<REUTERS ")]
    assert [error.line for error in errors] == [starts[1], starts[3], starts[4]]
    assert "first seen in a.sgm:2" in str(errors[2])


def test_truncated_archive_is_an_error(folder):
    packed = pack(folder)
    whole = packed.read_bytes()
    for keep in (len(whole) - 12, len(whole) // 2):
        packed.write_bytes(whole[:keep])
        with pytest.raises(CorpusError, match=r"cut short|damaged") as caught:
            list(find_reader(packed, "reuters").read(packed, ReadOptions()))
        assert caught.value.file == str(packed)


def test_unknown_family(folder):
    with pytest.raises(CorpusError, match="topics, places, people, orgs, exchanges"):
        read(folder, ("companies",))


def test_other_archives_are_not_ours(tmp_path):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("x.txt"), io.BytesIO(b""))
    reader = find_reader(tmp_path, "reuters")
    for content in (data.getvalue(), gzip.compress(b"plain text"), b"\x1f\x8b", b"", b"ustar" * 200):
        (tmp_path / "x").write_bytes(content)
        assert not reader.sniff(tmp_path / "x", content)
    assert not reader.sniff(tmp_path, b"")
