from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from slugline.cluster import batch
from slugline.cluster.batch import predict_files
from slugline.cluster.predict_chunk import predict_chunk
from slugline.corpus.readers.articles import read_articles
from slugline.errors import ConfigError, CorpusError, OutputError
from slugline.predict import Predictor
from small_model import ARTICLES

fsspec = pytest.importorskip("fsspec", reason="needs the extra cluster")


def expected(paths, model, **options):
    """What `slugline predict --format jsonl` says of the files."""
    articles = (article for path in paths for article in read_articles(path))
    predictor = Predictor.load(model)
    explain = options.pop("explain", False)
    found = (predictor.explain_stream if explain else predictor.predict_stream)(articles, **options)
    return "".join(json.dumps(one.to_dict(), ensure_ascii=False) + "\n" for one in found)


def written(out: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(out.glob("part-*.jsonl")))


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


@pytest.mark.parametrize("options", [{}, {"top": 3, "explain": True}])
def test_output_is_that_of_predict_in_order(partitions, small_file, tmp_path, options):
    paths, out = partitions(2, 200), tmp_path / "out"
    summary = predict_files([str(tmp_path / "in")], str(out), small_file, chunk_bytes=10_000, **options)
    assert written(out) == expected(paths, small_file, **options)
    assert ('"marks": [{' in written(out)) == options.get("explain", False)
    assert (summary.articles, summary.bad_rows, summary.found_done) == (400, 0, 0)
    assert summary.chunks == len(list(out.glob("part-*"))) > 4
    manifest = json.loads((out / "_manifest.json").read_text())
    assert manifest["complete"]
    assert manifest["articles"] == 400
    assert manifest["job"]["model"] == Predictor.load(small_file).bundle.digest
    assert [(Path(file["url"]).name, file["size"]) for file in manifest["job"]["inputs"]] == [
        (path.name, path.stat().st_size) for path in paths
    ]
    assert sum(part["articles"] for part in manifest["parts"]) == 400
    assert {path.name for path in out.iterdir() if not path.name.startswith("part-")} == {"_manifest.json", "_SUCCESS"}


def test_output_as_parquet_has_the_same_objects(partitions, small_file, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")
    paths = partitions(1, 50)
    for explain in (False, True):
        out = tmp_path / f"out-{explain}"
        predict_files([str(paths[0])], str(out), small_file, output="parquet", chunk_bytes=4000, explain=explain)
        rows = [row for path in sorted(out.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
        objects = list(map(json.loads, expected(paths, small_file, explain=explain).splitlines()))
        for one in objects if explain else []:
            # A column is there or not; a key may be missing.
            one["event_type"] = one["event_type"] and {"group_evidence": None, "group_marks": None} | one["event_type"]
            for tag in one["tags"]:
                tag["evidence"]["member"] = None
        assert rows == objects


def test_any_storage(partitions, small_file, tmp_path):
    fs = fsspec.filesystem("memory")
    paths = partitions(2, 20)
    for path in paths:
        fs.put_file(str(path), f"/bucket/in/{path.name}")
    summary = predict_files(["memory://bucket/in/*.jsonl"], "memory://bucket/out", small_file, chunk_bytes=1000)
    found = b"".join(fs.cat_file(name) for name in sorted(fs.glob("/bucket/out/part-*")))
    fs.rm("/bucket", recursive=True)
    assert summary.articles == 40
    assert found.decode() == expected(paths, small_file)


def test_a_stopped_job_goes_on_where_it_was(partitions, small_file, tmp_path, monkeypatch):
    partitions(2, 100)
    out, done = tmp_path / "out", []

    def stop_at_five(predictor, order):
        if len(done) == 5:
            raise KeyboardInterrupt
        done.append(order.number)
        return predict_chunk(predictor, order)

    def run(**options):
        return predict_files([str(tmp_path / "in")], str(out), small_file, chunk_bytes=2000, **options)

    monkeypatch.setattr(batch, "predict_chunk", stop_at_five)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert not (out / "_SUCCESS").exists()
    assert not json.loads((out / "_manifest.json").read_text())["complete"]
    # Two of the finished ones are damaged: one has lost its file, one its record.
    (out / "part-00001.jsonl").unlink()
    (out / "_chunks" / "part-00003.json").unlink()
    done.clear()
    with pytest.raises(KeyboardInterrupt):
        run()
    assert done == [1, 3, 5, 6, 7]
    monkeypatch.setattr(batch, "predict_chunk", predict_chunk)
    summary = run()
    assert (summary.found_done, summary.articles) == (8, 200)
    once = tmp_path / "once"
    predict_files([str(tmp_path / "in")], str(once), small_file, chunk_bytes=2000)
    assert contents(out) == contents(once)
    # A finished job does nothing, and makes good what has been taken from it.
    monkeypatch.setattr(batch, "predict_chunk", stop_at_five)
    done.clear()
    assert run().found_done == summary.chunks
    assert done == []
    (out / "part-00002.jsonl").write_text("x")
    run()
    assert done == [2]
    assert contents(out) == contents(once)


def test_another_job_does_not_mix_with_it(partitions, small_file, tmp_path):
    path, out = partitions(1, 20)[0], tmp_path / "out"
    predict_files([str(path)], str(out), small_file)
    before = contents(out)
    for options, message in (({"top": 2}, "other top"), ({"chunk_bytes": 5}, "other chunk_bytes")):
        with pytest.raises(OutputError, match=message):
            predict_files([str(path)], str(out), small_file, **options)
    path.write_text(path.read_text().replace("Aleppo", "ALEPPO"))
    with pytest.raises(OutputError, match="other inputs"):
        predict_files([str(path)], str(out), small_file)
    with pytest.raises(OutputError, match="not empty"):
        predict_files([str(path)], str(small_file.parent), small_file)
    (out / "sub").mkdir()
    (out / "sub" / "x.jsonl").write_text(path.read_text())
    with pytest.raises(OutputError, match="holds input files"):
        predict_files([str(out / "sub" / "x.jsonl")], str(out), small_file)
    assert contents(out) == before


def test_a_bad_row_stops_the_job_or_is_counted(partitions, small_file, tmp_path):
    path, out = partitions(1, 40)[0], tmp_path / "out"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:20], "{broken\n", '{"title": ""}\n', *lines[20:]]))
    with pytest.raises(CorpusError, match=r"articles-0\.jsonl:21: not valid JSON"):
        predict_files([str(path)], str(out), small_file, chunk_bytes=1000)
    summary = predict_files([str(path)], str(out), small_file, chunk_bytes=1000, skip_bad=True)
    assert (summary.articles, summary.bad_rows) == (40, 2)
    # What was finished before the error stands.
    assert summary.found_done > 0
    assert "articles-0.jsonl:21: not valid JSON" in summary.errors[0]
    assert json.loads((out / "_manifest.json").read_text())["bad_rows"] == 2
    with pytest.raises(CorpusError):
        predict_files([str(path)], str(out), small_file, chunk_bytes=1000)


def test_more_tags_from_a_vocabulary_are_part_of_the_job(partitions, starter_run, tmp_path):
    paths, names, out = partitions(1, 4), tmp_path / "names.txt", tmp_path / "out"
    names.write_text("Paris\nAleppo\n")
    predict_files([str(paths[0])], str(out), starter_run.model, vocabulary=names)
    found = Counter(tag["tag"] for line in written(out).splitlines() for tag in json.loads(line)["tags"])
    assert found.keys() & {"Paris", "Aleppo"}
    names.write_text("Paris\n")
    with pytest.raises(OutputError, match="other vocabulary"):
        predict_files([str(paths[0])], str(out), starter_run.model, vocabulary=names)


def test_what_workers_cannot_share_is_refused(small_file):
    with pytest.raises(ConfigError, match="not the address"):
        predict_files(["in"], "out", small_file, cluster="somewhere")
    fs = fsspec.filesystem("memory")
    fs.pipe_file("/bucket/a.jsonl", json.dumps({"title": ARTICLES[0].title}).encode())
    with pytest.raises(ConfigError, match="memory://"):
        predict_files(["memory://bucket/a.jsonl"], "memory://bucket/out", small_file, cluster="local")
    fs.rm("/bucket", recursive=True)
