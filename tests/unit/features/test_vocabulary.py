"""Packing terms and finding them again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.features.vocabulary import Vocabulary

TERM = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.sets(TERM, max_size=40), st.lists(TERM, max_size=40), st.booleans())
def test_round_trip_and_lookup(known: set[str], asked: list[str], many: bool) -> None:
    vocabulary = Vocabulary.from_terms(known)
    ordered = sorted(known)
    assert vocabulary.terms() == ordered
    assert len(vocabulary) == len(ordered)
    asked = (asked + ordered) * (50 if many else 1)
    found = vocabulary.lookup(asked)
    assert found.dtype == np.int64
    place = {term: index for index, term in enumerate(ordered)}
    assert found.tolist() == [place.get(term, -1) for term in asked]
    assert [vocabulary.term(index) for index in range(len(vocabulary))] == ordered


def test_few_and_many_lookups_agree() -> None:
    terms = [f"term {number:05d} é中" for number in range(3000)]
    vocabulary = Vocabulary.from_terms(terms)
    few = [vocabulary.lookup([term])[0] for term in terms[:90]]
    assert vocabulary._dict is None
    assert vocabulary.lookup([*terms[:90], "term", "", "\ud800"]).tolist() == [*few, -1, -1, -1]
    assert vocabulary._dict is not None
    assert few == list(range(90))
    assert vocabulary.lookup(["\ud800", "term 00001 é中"]).tolist() == [-1, 1]


def test_a_repeated_term_is_refused() -> None:
    with pytest.raises(ValueError, match="occurs twice: 'aleppo'"):
        Vocabulary.from_terms(["aleppo", "syria", "aleppo"])


def test_no_terms() -> None:
    vocabulary = Vocabulary.from_terms([])
    assert len(vocabulary) == 0
    assert vocabulary.lookup(["a"]).tolist() == [-1]
