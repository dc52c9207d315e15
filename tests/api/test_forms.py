"""The page's forms take whatever is sent: made-up fields, files and bodies are answered, never by an internal error."""

from __future__ import annotations

import random
import re

import pytest

from slugline.serve import page
from support import ROOT

VALUES = ("", "Syria", "a" * 300, "\u2028", "\x00", "é" * 50, "{}", "[1]", '{"title":"a"}\n{"title":"b"}', "-1", "save")
TYPES = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
)
ROUNDS = 300


def field_names() -> list[str]:
    """The names of all fields in the templates, and `do`, the button's."""
    templates = (ROOT / "model" / "slugline" / "serve" / "templates").glob("*.html")
    found = {name for path in templates for name in re.findall(r'name="([a-z_]+)"', path.read_text(encoding="utf-8"))}
    return sorted(found | {"do"})


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_sent_is_answered(make_client, tmp_path, seed):
    client = make_client(feedback=tmp_path / "log.jsonl")
    chosen = random.Random(seed)
    names = field_names()
    assert {"title", "body", "batch"} <= set(names)
    paths = [route.path for route in page.router.routes if "POST" in route.methods]
    assert len(paths) >= 2
    for _ in range(ROUNDS):
        path, kind = chosen.choice(paths), chosen.randrange(3)
        fields = {chosen.choice(names): chosen.choice(VALUES) for _ in range(chosen.randrange(8))}
        headers = {"Accept": chosen.choice(["text/html", "*/*"])}
        if kind == 0:
            answer = client.post(path, data=fields, headers=headers)
        elif kind == 1:
            name = chosen.choice(["a.txt", "a.jsonl", "a.csv", "a.html", "a.gz", "", "a.parquet"])
            content = chosen.choice([chosen.randbytes(100), chosen.choice(VALUES).encode()])
            answer = client.post(path, data=fields, files={chosen.choice(names): (name, content)}, headers=headers)
        else:
            headers["Content-Type"] = chosen.choice(TYPES)
            answer = client.post(path, content=chosen.randbytes(chosen.randrange(100)), headers=headers)
        assert answer.status_code < 500, (path, fields, answer.request.headers, answer.request.content)
