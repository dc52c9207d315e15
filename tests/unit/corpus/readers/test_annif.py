"""What Annif's corpora mean: URIs become labels, and what nobody indexed stays not annotated."""

from __future__ import annotations

import json

import pytest

from contract.reader_samples.annif import CSV, JSONL, ONE, TSV, TWO, write
from slugline.corpus.readers import ReadOptions, find_reader, read_records
from slugline.corpus.readers.articles import read_articles
from slugline.errors import CorpusError


@pytest.fixture
def subjects(tmp_path):
    path = tmp_path / "subjects.csv"
    path.write_text(f"uri,label_en,label_fi\n{ONE},Networks,verkot\n", encoding="utf-8")
    return str(path)


def tags(path, **fields):
    return [record.labels.tags for record in read_records(path, options=ReadOptions(fields=fields))]


@pytest.mark.parametrize(("name", "content"), [("c.tsv", TSV), ("c.csv", CSV)])
def test_uris_become_labels_where_there_is_a_vocabulary(name, content, tmp_path, subjects):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert tags(path) == [{ONE, TWO}, {TWO}, None]
    assert tags(path, subjects=subjects) == [{"Networks", TWO}, {TWO}, None]
    assert tags(path, subjects=subjects, subject_language="fi")[0] == {"verkot", TWO}


def test_json_lines_have_labels_of_their_own_and_metadata(tmp_path, subjects):
    path = tmp_path / "c.jsonl"
    path.write_text(JSONL, encoding="utf-8")
    assert tags(path) == [{"networks", "routers"}, {TWO}, None]
    assert tags(path, subjects=subjects)[0] == {"Networks", "routers"}
    records = list(read_records(path))
    assert [(r.article.id, r.article.title, r.article.body) for r in records[:2]] == [
        ("d1", "", "A Zürich café network"),
        ("c.jsonl:2", "Nets", "Of nets"),
    ]
    assert [(article.title, article.body) for article in read_articles(path)][1] == ("Nets", "Of nets")


def test_a_folder_of_texts_with_their_subjects(tmp_path, subjects):
    folder = write(
        tmp_path / "docs",
        a_txt="Headline\n\nText.",
        a_key="from the key\n",
        a_tsv=f"<{ONE}>\tnets\nonly a label\n<{TWO}>\n",
        b_txt="Second text",
        b_key="networks\n\nrouters\n",
        c_txt="Not indexed",
    )
    assert tags(folder) == [{"nets", "only a label", TWO}, {"networks", "routers"}, None]
    assert tags(folder, subjects=subjects)[0] == {"Networks", "only a label", TWO}
    first = next(iter(read_records(folder)))
    assert (first.article.id, first.article.title, first.article.body) == ("a", "Headline", "Text.")


def test_a_vocabulary_that_is_not_there_is_an_error(tmp_path):
    path = tmp_path / "c.tsv"
    path.write_text(TSV, encoding="utf-8")
    with pytest.raises(CorpusError, match="nowhere"):
        tags(path, subjects=str(tmp_path / "nowhere.tsv"))


def test_what_looks_alike_is_left_to_others(tmp_path):
    plain = tmp_path / "plain.jsonl"
    plain.write_text(json.dumps({"text": "x", "subjects": ["a"]}) + "\n")
    assert find_reader(plain).name == "jsonl"
    listed = write(tmp_path / "listed", a_txt="x", labels_csv="file,tags\na.txt,y\n")
    assert find_reader(listed).name == "folder"
    page = tmp_path / "page.csv"
    page.write_text("text,tags\nx,http://e.org\n")
    assert find_reader(page).name == "table"
