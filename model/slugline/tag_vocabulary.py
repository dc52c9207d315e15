"""The tags of a model after a list of edits: what each label is called now, and which further edits can be made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from slugline.errors import VocabularyError
from slugline.vocabulary_edits import Edit, Tag, by_key, cut_out, every

_FIRST = "restore, before anything else"


class TagVocabulary:
    """The tags of a model, `labels`, after `edits`. It does not change: `edited` makes another."""

    NOUN = "tag"
    HEAD = "tags"

    def __init__(self, labels: Iterable[str], edits: Sequence[Edit] = ()) -> None:
        """Raises ValueError for an edit of a tag that there is not; `edited` checks everything else."""
        self._labels = dict.fromkeys(labels)
        self.edits = tuple(edits)
        self._touched: dict[str, Tag] = {}
        self._hidden: set[str] = set()  # labels whose tags have been touched
        for edit in self.edits:
            self._do(edit)
        self._shown = {
            label: None if tag.retired else tag.name for tag in self._touched.values() for label in tag.labels
        }
        self._touched_names: dict[str, Tag] | None = None
        self._every_name: dict[str, Tag] | None = None

    @staticmethod
    def key(name: str) -> str:
        """What is the same for all spellings of a name."""
        from slugline.corpus.tags import tag_key

        return tag_key(name)

    @property
    def touched(self) -> tuple[Tag, ...]:
        """The tags that edits have changed, by name."""
        return tuple(self._touched[name] for name in sorted(self._touched))

    def tags(self) -> Iterator[Tag]:
        """Every tag as it is now, retired ones too, in the order of their labels."""
        by_label = {tag.label: tag for tag in self._touched.values()}
        for label in self._labels:
            if label in by_label:
                yield by_label[label]
            elif label not in self._hidden:
                yield Tag(label, label)

    def shown(self, label: str) -> str | None:
        """What a label of the model is called now; None where its tag is retired."""
        return self._shown.get(label, label)

    def now(self, labels: Iterable[str]) -> tuple[str, ...]:
        """The tags of these labels as they are called now, each once, in the order of their first labels."""
        return tuple(dict.fromkeys(tag for label in labels if (tag := self.shown(label)) is not None))

    def is_merged(self, name: str) -> bool:
        """Whether others were merged into the tag of that present name."""
        tag = self._touched.get(name)
        return tag is not None and bool(tag.parts)

    def resolve(self, name: str) -> str:
        """The present name of the tag that has or had this name; `name` itself of a retired and of any other tag.

        Spellings of one tag (`key`) are one name.
        """
        tag = self._edited(name)
        return name if tag is None or tag.retired else tag.name

    def label_of(self, name: str) -> str | None:
        """The model's label of a tag that edits have changed, by any of its names; None for any other tag."""
        tag = self._edited(name)
        return None if tag is None else tag.label

    def by_label(self, names: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Tags and their other names, a tag that edits have changed under the label that the model has for it."""
        found: dict[str, tuple[str, ...]] = {}
        for name, others in names.items():
            label = self.label_of(name)
            own = () if label is None else (name,)
            found[label or name] = (*found.get(label or name, ()), *own, *others)
        return found

    def find(self, name: str) -> Tag | None:
        """The tag of this name, present, former or other, retired or not; None where there is none."""
        if self._every_name is None:
            self._every_name = by_key(self.tags(), self.key)
        return self._every_name.get(self.key(name))

    def edited(self, edit: Edit) -> TagVocabulary:
        """This vocabulary after one more edit, whose tags are brought to the spelling that they have.

        Raises VocabularyError, which names near tags, where there is no such tag or the edit cannot be made.
        """
        tag = self._asked(edit.tag, edit.action)
        edit = replace(edit, tag=edit.tag if edit.action == "restore" else tag.name)
        if edit.action == "restore":
            same = [part for part in every(tag) if self.key(part.name) == self.key(edit.tag)]
            edit = replace(edit, tag=same[0].name)
        elif edit.action == "merge":
            into = self._asked(edit.to or "", "merge")
            if into.name == tag.name:
                raise VocabularyError(f"{tag.name!r} cannot be merged into itself")
            edit = replace(edit, to=into.name)
        elif edit.action in ("rename", "alias"):
            edit = replace(edit, to=self._free(tag, edit.to or "", edit.action))
        elif edit.action == "unalias":
            same_alias = [alias for alias in tag.aliases if self.key(alias) == self.key(edit.to or "")]
            if not same_alias:
                expected = _listed(tag.aliases) if tag.aliases else None
                raise VocabularyError(f"{edit.to!r} is no alias of {tag.name!r}", expected=expected)
            edit = replace(edit, to=same_alias[0])
        return self._after(edit)

    def _after(self, edit: Edit) -> TagVocabulary:
        return TagVocabulary(self._labels, (*self.edits, edit))

    def _asked(self, name: str, action: str) -> Tag:
        """The tag of that present name, fit for the action; for "restore" the one that it is or is part of."""
        from slugline.corpus.tags import near_tags

        tag, key = self.find(name), self.key(name)
        if tag is None:
            known = self._every_name or {}
            near = list(dict.fromkeys(known[one].name for one in near_tags(name, known)))
            expected = f"for example {_listed(near)}" if near else None
            raise VocabularyError(f"no such {self.NOUN}", found=name, expected=expected)
        present = self.key(tag.name) == key
        part = next((part for part in every(tag)[1:] if self.key(part.name) == key), None)
        if action == "restore":
            if part is None and not present:
                raise VocabularyError(f"{name!r} is another name of {tag.name!r}", expected=f"the {self.NOUN}'s name")
            if part is None and not tag.retired:
                raise VocabularyError(f"{tag.name!r} is neither retired nor merged into another")
            return tag
        if part is not None:
            raise VocabularyError(
                f"{part.name!r} is merged into {tag.name!r}", expected="restore, before anything else"
            )
        if not present:
            raise VocabularyError(f"{name!r} is another name of {tag.name!r}", expected=f"{tag.name!r}")
        if tag.retired:
            again = action == "retire"
            raise VocabularyError(
                f"{tag.name!r} is retired{' already' if again else ''}", expected=None if again else _FIRST
            )
        return tag

    def _free(self, tag: Tag, asked: str, action: str) -> str:
        """The new name, tidied, if no other tag has it. Raises VocabularyError."""
        from slugline.corpus.tags import tidy_tag

        name = tidy_tag(asked)
        key = self.key(name)
        if not key:
            raise VocabularyError(f"not {_a(self.NOUN)}", found=asked, expected="letters or digits")
        owner = self.find(name)
        if owner is None:
            return name
        if owner.name != tag.name:
            if self.key(owner.name) == key:
                advice = "restore, to have it back" if owner.retired else "merge, to make one of the two"
                kind = f"a retired {self.NOUN}" if owner.retired else _a(self.NOUN)
                raise VocabularyError(f"{owner.name!r} is {kind} already", expected=advice)
            raise VocabularyError(f"{name!r} is another name of {owner.name!r} already")
        if any(self.key(other) == key for part in tag.parts for other in (part.name, *part.others)):
            raise VocabularyError(f"{name!r} is a name of what was merged into {tag.name!r}", expected="another name")
        own = (tag.name, *tag.former, *tag.aliases)
        if name == tag.name or (action == "alias" and self._without(own, key) != own):
            raise VocabularyError(f"{tag.name!r} has the name {name!r} already")
        return name

    def _without(self, names: tuple[str, ...], key: str) -> tuple[str, ...]:
        """The names of another key."""
        return tuple(name for name in names if self.key(name) != key)

    def _edited(self, name: str) -> Tag | None:
        if self._touched_names is None:
            self._touched_names = by_key(self._touched.values(), self.key)
        return self._touched_names.get(self.key(name))

    def _do(self, edit: Edit) -> None:
        """Carry out an edit that names tags exactly. Raises ValueError where they are not there."""
        to = edit.to or ""
        if edit.action == "restore":
            self._restore(edit.tag)
            return
        tag = self._take(edit.tag)
        if edit.action == "rename":
            aliases, former = self._without(tag.aliases, self.key(to)), self._without(tag.former, self.key(to))
            if self.key(to) != self.key(tag.name):
                former = (*former, tag.name)
            self._put(replace(tag, name=to, former=former, aliases=aliases))
        elif edit.action == "alias":
            self._put(replace(tag, aliases=(*tag.aliases, to)))
        elif edit.action == "unalias":
            self._put(replace(tag, aliases=self._without(tag.aliases, self.key(to))))
        elif edit.action == "retire":
            self._put(replace(tag, retired=True))
        else:
            into = self._take(to)
            self._put(replace(into, parts=(*into.parts, tag)))

    def _restore(self, name: str) -> None:
        if (tag := self._touched.get(name)) is not None and tag.retired:
            self._put(replace(tag, retired=False))
            return
        for root in list(self._touched.values()):
            left, found = cut_out(root, name)
            if found is not None:
                self._put(left)
                self._put(found)
                return
        raise ValueError(f"nothing to restore: {name!r}")

    def _take(self, name: str) -> Tag:
        tag = self._touched.pop(name, None)
        if tag is None:
            if name not in self._labels or name in self._hidden:
                raise ValueError(f"no such {self.NOUN}: {name!r}")
            tag = Tag(name, name)
        return tag

    def _put(self, tag: Tag) -> None:
        known = self._touched.get(tag.name)
        taken = tag.name in self._labels and tag.name not in self._hidden and tag.name != tag.label
        if taken or (known is not None and known.label != tag.label):
            raise ValueError(f"two {self.NOUN}s of the name {tag.name!r}")
        self._touched[tag.name] = tag
        self._hidden.update(tag.labels)


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
