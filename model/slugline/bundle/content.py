"""What a model file holds, in memory."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.bundle.sections import Section
from slugline.config_views import FeatureConfig
from slugline.errors import ConfigError, ModelFileError
from slugline.features.vocabulary import Vocabulary
from slugline.head import HEAD_ARRAYS, LinearHead
from slugline.levels import Levels
from slugline.records import record

if TYPE_CHECKING:
    import mmap

    from numpy.typing import NDArray

    from slugline.event_vocabulary import EventVocabulary
    from slugline.tag_vocabulary import TagVocabulary

FORMAT = 2
"""The format number that this version writes."""

HEADS = ("tags", "event_type", "event_group")
"""Every head that a model may have. At least one of the first two is there; a group head only beside event types."""


@record(frozen=True, slots=True)
class Manifest:
    """What a model file says of itself. Every value is plain JSON.

    `config` is `Config.to_dict()`. `corpus` holds name, digest, articles, train, held_out, split method and digest,
    dates and licence, where known. `groups` gives event-type labels their taxonomy group (a label that is a group
    itself has its own name). `metrics` is what evaluate found, head by head. `self_test` is a list of
    `{"title", "body", "scores": {head: {label: score}}}`. `libraries` are the versions of what trained it. `slugline`,
    `format` and `arrays` (each array's SHA-256) are filled in when the file is written. `edits` are what people have
    done to its labels since (`Edit.to_dict`). `findings` is where it is weak, as found by `experiment.findings`.
    """

    config: dict[str, Any]
    corpus: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    self_test: list[dict[str, Any]] = field(default_factory=list)
    libraries: dict[str, str] = field(default_factory=dict)
    slugline: str = ""
    format: int = FORMAT
    arrays: dict[str, str] = field(default_factory=dict)
    edits: list[dict[str, str]] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)


LATER = ("edits", "findings")
"""Fields of a manifest that a file leaves out where they are empty, as files did that were written before them."""


@record(frozen=True, slots=True, eq=False)
class Bundle:
    """A whole model. `idf` is (d,), float32 or, from files of format 1, float64. `digest` and `path` are empty unless
    it was read from a file.

    `digest` is "sha256:" and the SHA-256 of the file's header, which holds every array's SHA-256: it names the whole
    content, and opening need not read it all. `sections` are the parts beyond vocabulary and heads, by their names in
    `SECTIONS`. `mapped` is the file in memory, None where the arrays are not views of it.
    """

    manifest: Manifest
    vocabulary: Vocabulary
    idf: NDArray[np.floating[Any]]
    tags: LinearHead | None = None
    event_type: LinearHead | None = None
    digest: str = ""
    path: Path | None = None
    event_group: LinearHead | None = None
    sections: Mapping[str, Section] = field(default_factory=dict)
    mapped: mmap.mmap | None = field(default=None, repr=False)

    @property
    def features(self) -> FeatureConfig:
        """How articles become terms. Raises ModelFileError where the manifest's configuration is not valid."""
        try:
            return FeatureConfig.from_table(self.manifest.config.get("features", {}))
        except ConfigError as error:
            raise ModelFileError(f"damaged: configuration: {error}", file=self.path) from error

    @property
    def heads(self) -> dict[str, LinearHead]:
        """The heads that there are, in the order of HEADS."""
        found = {name: getattr(self, name) for name in HEADS}
        return {name: head for name, head in found.items() if head is not None}

    @property
    def tag_labels(self) -> tuple[str, ...]:
        """The tags as it was trained: those of the head, then those that it knows by name alone."""
        names = self.sections.get("names")
        if names is not None:
            return names.labels
        return () if self.tags is None else self.tags.labels

    def tag_vocabulary(self) -> TagVocabulary:
        """What its tags are called now. Raises ModelFileError where its edits are not sound."""
        # Only here, for hardly a model has edits, and every prediction would import them.
        from slugline.tag_vocabulary import TagVocabulary
        from slugline.vocabulary_edits import Edit

        try:
            edits = [Edit.from_dict(edit) for edit in self.manifest.edits]
            return TagVocabulary(self.tag_labels, [edit for edit in edits if edit.head == TagVocabulary.HEAD])
        except ValueError as error:
            raise ModelFileError(f"damaged: {error}", file=self.path, field="edits") from error

    def event_levels(self) -> Levels:
        """Its event types and their groups, as it was trained. Raises ModelFileError where they do not fit together."""
        types = () if self.event_type is None else self.event_type.labels
        try:
            return Levels.of(types, self.manifest.groups, None if self.event_group is None else self.event_group.labels)
        except ValueError as error:
            raise ModelFileError(f"damaged: {error}", file=self.path, field="groups") from error

    def event_vocabulary(self) -> EventVocabulary:
        """What its event types and groups are called now. Raises ModelFileError where its edits are not sound."""
        from slugline.event_vocabulary import EventVocabulary
        from slugline.vocabulary_edits import Edit

        try:
            edits = [Edit.from_dict(edit) for edit in self.manifest.edits]
            own = [edit for edit in edits if edit.head == EventVocabulary.HEAD]
            return EventVocabulary(self.event_levels(), own)
        except ValueError as error:
            raise ModelFileError(f"damaged: {error}", file=self.path, field="edits") from error

    def edited(self, head: str) -> bool:
        """Whether people have edited the labels of a head, "tags" or "event_type" (with its groups)."""
        return any(edit.get("head", "tags") == head for edit in self.manifest.edits)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every array under its name in the file, in memory's dtypes."""
        arrays: dict[str, NDArray[Any]] = {
            "vocabulary.blob": self.vocabulary.blob,
            "vocabulary.offsets": self.vocabulary.offsets,
            "idf": self.idf,
        }
        for name, head in self.heads.items():
            arrays |= {f"{name}.{key}": getattr(head, key) for key in HEAD_ARRAYS}
        for name, section in self.sections.items():
            arrays |= {f"{name}.{key}": array for key, array in section.arrays().items()}
        return arrays

    def check_whole(self) -> None:
        """Raise ModelFileError where the file that the arrays are views of has become shorter since it was opened.

        Whoever looked at what is gone would be ended by the system (SIGBUS).
        """
        if self.mapped is not None and self.mapped.size() < len(self.mapped):
            raise ModelFileError("became shorter while it was in use", file=self.path)

    def verify(self) -> None:
        """Read every array and compare its SHA-256 with the manifest's.

        Arrays that the file does not have, because its format lacks them, are not looked at. Raises ModelFileError
        where one differs.
        """
        self.check_whole()
        check_sha256(self.arrays(), self.manifest, self.path)


@contextlib.contextmanager
def reading_about(bundle: Bundle) -> Iterator[None]:
    """What a manifest says of its training is not looked through on opening, for no prediction needs it: who reads all
    of it finds here that it is damaged. Raises ModelFileError for what goes wrong in the block.
    """
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ModelFileError(
            f"damaged: what it says of its training cannot be understood ({error!r})", file=bundle.path
        ) from error


def label_counts(about: Mapping[str, Any]) -> dict[str, dict[str, int]] | None:
    """A model file's `label_counts`, None where it has none that can be used: nothing in a file is trusted."""
    found = about.get("label_counts")
    if not isinstance(found, dict) or not {"tags", "event_type", "articles"} <= found.keys():
        return None
    sound = all(
        isinstance(counts, dict) and all(type(count) is int and count >= 0 for count in counts.values())
        for counts in found.values()
    )
    return found if sound and {"tags", "event_type"} <= found["articles"].keys() else None


def check_sha256(
    arrays: Mapping[str, NDArray[Any]], manifest: Manifest, path: Path | None, largest: int | None = None
) -> None:
    """Compare the SHA-256 of arrays (of at most `largest` bytes) with the manifest's. Raises ModelFileError."""
    for name, array in arrays.items():
        if largest is not None and array.nbytes > largest:
            continue
        if manifest.format == 1 and name.endswith(".scale"):
            continue
        found = sha256(array)
        if found != manifest.arrays.get(name):
            raise ModelFileError("damaged: SHA-256 differs", file=path, field=name, found=found)


def sha256(array: NDArray[Any]) -> str:
    """SHA-256 of an array's bytes, in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
