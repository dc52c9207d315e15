from __future__ import annotations

import os

from contract.reader_samples.folder import write
from slugline.article import Labels
from slugline.corpus.corpus import HELD_OUT, TRAIN
from slugline.corpus.readers import ReadOptions, find_reader, read_records
from slugline.corpus.readers.files import article_id, folder_label, text_files
from slugline.errors import CorpusError


def test_a_folders_name_is_the_event_type(tmp_path):
    root = write(
        tmp_path, {"b/2.txt": "Two.", "a/1.txt": "Head\n\nOne.", "a/x.TXT": "Ex.", "README": "x", "top.txt": "y"}
    )
    found = [(r.article.id, r.article.title, r.article.body, r.labels) for r in read_records(root)]
    assert found == [
        ("a/1", "Head", "One.", Labels(None, "a")),
        ("a/x", "", "Ex.", Labels(None, "a")),
        ("b/2", "", "Two.", Labels(None, "b")),
    ]


def test_a_tags_line_in_a_labelled_text_counts_too(tmp_path):
    root = write(tmp_path, {"a/1.txt": "Head\n\nThe text.\n\nTags\nSyria, Rebels\nFooter"})
    (record,) = read_records(root)
    assert record.labels == Labels(frozenset({"Syria", "Rebels"}), "a")
    assert record.article.body == "The text."


def test_train_and_test_folders_are_the_official_split(tmp_path):
    root = write(tmp_path, {"train/a/1.txt": "x", "test/a/1.txt": "y", "other/a/1.txt": "z"})
    assert [(r.article.id, r.part, r.labels.event_type) for r in read_records(root)] == [
        ("other/a/1", None, "a"),
        ("test/a/1", HELD_OUT, "a"),
        ("train/a/1", TRAIN, "a"),
    ]


def test_a_table_beside_the_texts_lists_them(tmp_path):
    table = "Filename;Title;Topics;Category;Date\nsub/a.txt;Own;x|y;attack;2015-05-29\nb;;;;\n"
    root = write(
        tmp_path, {"index.csv": table, "sub/a.txt": "Head\n\nText.", "b.txt": "Head b\n\nText b.", "c.txt": "z"}
    )
    assert find_reader(root).name == "folder"
    first, second = read_records(root)
    assert (first.article.title, first.article.body) == ("Own", "Head\n\nText.")
    assert first.labels == Labels(frozenset({"x", "y"}), "attack")
    assert (second.article.id, second.article.title, second.article.body) == ("b", "Head b", "Text b.")
    assert second.labels == Labels(None, None)


def test_own_names_hold_for_the_table_beside_the_texts(tmp_path):
    root = write(tmp_path, {"index.csv": "file,subject\na.txt,x;y\n", "a.txt": "Text."})
    (record,) = read_records(root, options=ReadOptions(fields={"tags": "subject"}))
    assert record.labels.tags == {"x", "y"}


def test_a_corpus_cut_into_files_is_one(tmp_path):
    root = write(tmp_path, {"1.jsonl": '{"text": "a"}\n', "2.jsonl": '{"text": "b"}\n{"text": \n', "LICENSE": "x"})
    errors: list[CorpusError] = []
    found = list(read_records(root, options=ReadOptions(on_bad=errors.append)))
    assert [record.article.id for record in found] == ["1.jsonl:1", "2.jsonl:1"]
    assert [(error.file, error.line) for error in errors] == [(str(root / "2.jsonl"), 2)]


def test_a_repeated_id_across_files_is_an_error(tmp_path):
    root = write(tmp_path, {"1.jsonl": '{"id": 1, "text": "a"}\n', "2.jsonl": '{"id": 1, "text": "b"}\n'})
    errors: list[CorpusError] = []
    assert len(list(read_records(root, options=ReadOptions(on_bad=errors.append)))) == 1
    assert [str(error) for error in errors] == [f"{root}/2.jsonl: field 'id': id '1' is repeated, first in 1.jsonl"]


def test_names_of_texts(tmp_path):
    root = write(
        tmp_path, {"a/b.txt": "", "51060": "", "v1.2": "", "c.MD": "", "d.txt.gz": "", "e.png": "", ".f.txt": ""}
    )
    names = {article_id(file, root): folder_label(file, root) for file in text_files(root)}
    assert names == {"51060": None, "a/b": "a", "c": None, "d": None}
    assert article_id(root / "x.html", root / "x.html") == "x"


def test_a_name_that_is_no_utf8_is_readable(tmp_path):
    """Such an id or label could be written nowhere."""
    root = tmp_path / "root"
    (root / "w\udcffr").mkdir(parents=True)
    (root / "w\udcffr" / "\udcff.txt").write_text("Headline\n\nText.\n")
    (record,) = read_records(root)
    assert (record.article.id, record.labels.event_type) == ("w\ufffdr/\ufffd", "w\ufffdr")


def test_odd_files_in_a_folder_are_passed_over(tmp_path):
    root = write(tmp_path, {"war/a.txt": "Headline\n\nText.\n"})
    os.mkfifo(root / "war" / "pipe.txt")
    (root / "war" / "zero.txt").symlink_to("/dev/zero")
    (root / "war" / "lost.txt").symlink_to("nowhere")
    (root / "war" / "circle.txt").symlink_to("circle.txt")
    (root / "war" / "up").symlink_to(root)
    assert [record.article.id for record in read_records(root)] == ["war/a"]
