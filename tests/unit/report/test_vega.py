from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("vl_convert", reason="the extra report is not installed")

from slugline.report import vega


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    vega.script.cache_clear()


def test_embedded_json_cannot_leave_its_script() -> None:
    value = {"a": "</script><!--", "b": "x & y"}
    text = vega.embedded(value)
    assert not set("<>&") & set(text)
    assert json.loads(text) == value


def test_the_script_is_kept_and_made_again_where_it_is_damaged(tmp_path: Path) -> None:
    first = vega.script()
    assert "vegaEmbed" in first
    assert "</script" not in first.lower()
    (kept,) = (tmp_path / "slugline").iterdir()
    assert kept.read_text(encoding="utf-8") == first
    kept.write_text(first[:1000], encoding="utf-8")
    vega.script.cache_clear()
    assert vega.script() == first


def test_a_home_that_cannot_be_written_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert "vegaEmbed" in vega.script()
