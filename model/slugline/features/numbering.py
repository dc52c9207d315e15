"""Numbers for strings, in the order in which they first appear."""

from __future__ import annotations


class Numbers(dict[str, int]):
    """Maps strings to numbers: asked for one that it does not know, it gives it the next. `spelled[i]` is number i.

    >>> numbers = Numbers()
    >>> [numbers[word] for word in ("oil", "up", "oil")]
    [0, 1, 0]
    """

    __slots__ = ("spelled",)

    def __init__(self) -> None:
        super().__init__()
        self.spelled: list[str] = []

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self.spelled)
        self.spelled.append(key)
        return number


class KnownNumbers(Numbers):
    """`Numbers` that learns nothing more: what it does not know has the number after the last."""

    __slots__ = ()

    def __init__(self, spelled: list[str]) -> None:
        super().__init__()
        self.update(zip(spelled, range(len(spelled)), strict=True))
        self.spelled = spelled

    def __missing__(self, key: str) -> int:
        return len(self.spelled)
