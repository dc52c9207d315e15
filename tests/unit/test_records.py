"""A record is a frozen dataclass with slots in every respect but the time that it takes to make the class."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import typing

import pytest

from slugline.article import Article, Prediction, TagScore
from slugline.records import record


@record(frozen=True, slots=True)
class Record:
    """One of ours."""

    name: str
    size: int = 3
    tags: list[str] = dataclasses.field(default_factory=list)
    note: str = dataclasses.field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("negative")


@dataclasses.dataclass(frozen=True, slots=True)
class Plain:
    """The same by the standard library."""

    name: str
    size: int = 3
    tags: list[str] = dataclasses.field(default_factory=list)
    note: str = dataclasses.field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("negative")


@record(frozen=True, slots=True, eq=False)
class Alone:
    """Equal to itself alone."""

    name: str


CALLS = [(("a",), {}), (("a", 1, ["x"], "n"), {}), ((), {"name": "b", "tags": ["y"]}), (("a",), {"size": 2})]


@pytest.mark.parametrize(("given", "named"), CALLS)
def test_it_holds_and_shows_what_a_dataclass_does(given, named):
    ours, theirs = Record(*given, **named), Plain(*given, **named)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(ours) == repr(theirs).replace("Plain", "Record")
    assert ours == Record(*given, **named)
    assert ours != theirs
    assert ours != dataclasses.replace(ours, size=99)
    assert ours == dataclasses.replace(ours, note="not compared")
    for other in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):  # noqa: S301
        assert other == ours
        assert other.note == ours.note
        assert other is not ours


@pytest.mark.parametrize(("given", "named"), [((), {}), (("a", 1, [], "", 5), {}), (("a",), {"nothing": 1})])
def test_wrong_arguments_are_refused_alike(given, named):
    for kind in (Record, Plain):
        with pytest.raises(TypeError):
            kind(*given, **named)


def test_it_is_frozen_and_has_slots():
    for kind in (Record, Plain):
        one = kind("a")
        for change in (lambda one=one: setattr(one, "size", 4), lambda one=one: delattr(one, "size")):
            with pytest.raises(dataclasses.FrozenInstanceError):
                change()
        assert not hasattr(one, "__dict__")
        assert one.size == 3
    with pytest.raises(ValueError, match="negative"):
        Record("a", -1)
    with pytest.raises(ValueError, match="negative"):
        dataclasses.replace(Record("a"), size=-1)


def test_defaults_are_made_anew():
    assert Record("a").tags is not Record("a").tags


def test_the_class_looks_like_a_dataclass():
    assert dataclasses.is_dataclass(Record)
    assert [item.name for item in dataclasses.fields(Record)] == [item.name for item in dataclasses.fields(Plain)]
    assert Record.__match_args__ == Plain.__match_args__
    assert list(inspect.signature(Record).parameters) == list(inspect.signature(Plain).parameters)
    assert typing.get_type_hints(Record.__init__) == typing.get_type_hints(Plain.__init__)
    assert Record.__doc__ == "One of ours."


def test_equality_and_hashes():
    score = TagScore("Syria", 0.5, True, 1.0)
    assert hash(score) == hash(TagScore("Syria", 0.5, True, 1.0))
    assert len({score, TagScore("Syria", 0.5, True, 1.0), dataclasses.replace(score, tag="Iraq")}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Record("a"))
    assert Alone("a") != Alone("a")
    assert hash(Alone("a")) is not None
    one = Prediction("1", "Title", None, (score,), "sha256:0")
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301
    assert Article("1") != ("1", "", "", None, None, None, None)


def test_only_frozen_ones_with_slots():
    with pytest.raises(TypeError, match="frozen"):
        record(frozen=False, slots=True)
