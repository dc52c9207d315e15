"""SECURITY.md: what is promised there is held by tests that exist."""

from __future__ import annotations

import re

import pytest

from support import ROOT

NAMED = sorted(set(re.findall(r"`((?:tests|experiments)/[^`]+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))))


def test_promises_name_tests():
    assert len(NAMED) > 15


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_is_named_exists(name):
    path, _, function = name.partition("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not function or f"def {function}(" in text
