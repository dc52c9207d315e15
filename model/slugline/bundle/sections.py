"""Optional parts of a model file, beyond vocabulary and heads: each a class with arrays and JSON of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self

from slugline.errors import ModelFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from slugline.head import LinearHead


class Section(Protocol):
    """A part of a model. In the file it has a name, its arrays are `name.key`, and its JSON is `sections.name`."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels for which the self-test may hold scores, beside those of the heads."""
        ...

    def describe(self) -> dict[str, Any]:
        """What the manifest says of it: plain JSON."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its arrays by key, of one or two dimensions and a dtype that `tensors` knows."""
        ...

    @classmethod
    def read(cls, about: dict[str, Any], arrays: dict[str, NDArray[Any]], heads: Mapping[str, LinearHead]) -> Self:
        """The section from what `describe` and `arrays` gave, and the model's heads.

        Nothing in `about` and `arrays` may be trusted: names, dtypes, shapes and values are to be checked. Raises
        ModelFileError without the file, or ValueError, KeyError or TypeError, where they are not sound.
        """
        ...


def _names() -> type[Section]:
    from slugline.names import NameModel

    return NameModel


def _priors() -> type[Section]:
    from slugline.priors import Priors

    return Priors


def _tree() -> type[Section]:
    from slugline.tree import LabelTree

    return LabelTree


def _reference() -> type[Section]:
    from slugline.reference import Reference

    return Reference


def _neighbours() -> type[Section]:
    from slugline.neighbours import Neighbours

    return Neighbours


SECTIONS: dict[str, Callable[[], type[Section]]] = {
    "names": _names,
    "neighbours": _neighbours,
    "priors": _priors,
    "reference": _reference,
    "tree": _tree,
}
"""The class of every section by its name in the file; imported when a file has it."""


def read_section(
    name: str, about: Any, arrays: dict[str, NDArray[Any]], heads: Mapping[str, LinearHead], path: Path
) -> Section:
    """Read one section. Raises ModelFileError naming the file."""
    if name not in SECTIONS:
        raise ModelFileError(
            "has a part that this Slugline does not know; upgrade with: pip install --upgrade slugline",
            file=path,
            field=f"sections.{name}",
        )
    if not isinstance(about, dict):
        raise ModelFileError("damaged: manifest", file=path, field=f"sections.{name}", found=about)
    try:
        return SECTIONS[name]().read(about, arrays, heads)
    except ModelFileError as error:
        error.file = str(path)
        raise
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise ModelFileError(f"damaged: {error!r}", file=path, field=f"sections.{name}") from error
