"""One family of errors, each a single line: where, which field, what was found, what was expected."""

from __future__ import annotations

from pathlib import Path


class SluglineError(Exception):
    """The data, file, model or configuration is at fault; the command line shows `str(error)` and exits with 1.

    The line reads `FILE:LINE: field 'FIELD': MESSAGE; found FOUND; expected EXPECTED`, each part where known.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        field: str | None = None,
        found: object = None,
        expected: str | None = None,
    ) -> None:
        self.message = message
        self.file = None if file is None else str(file)
        self.line = line
        self.field = field
        self.found = found
        self.expected = expected
        super().__init__(message)

    def __str__(self) -> str:
        where = self.file or ""
        if self.line is not None:
            where += f":{self.line}" if where else f"line {self.line}"
        # A damaged file may have put anything into it.
        parts = [_cut(self.message, 500)]
        if self.found is not None:
            parts.append(f"found {_short(self.found)}")
        if self.expected is not None:
            parts.append(f"expected {_cut(self.expected, 1000)}")
        said = "; ".join(parts)
        if self.field is not None:
            said = f"field {_cut(repr(self.field), 120)}: {said}"
        line = " ".join((f"{where}: {said}" if where else said).split())
        # What it quotes of a file or its name must not steer the terminal or the log that it is shown in.
        return "".join([char if char.isprintable() else " " for char in line])


class CorpusError(SluglineError):
    """A corpus, one of its rows, or an article file cannot be used."""


class ModelFileError(SluglineError):
    """A model file cannot be opened, or fails its self-test."""


class ConfigError(SluglineError):
    """A configuration value is unknown, of the wrong type or out of range."""


class VocabularyError(SluglineError):
    """An edit of a model's tags cannot be made."""


class OutputError(SluglineError):
    """A result cannot be written."""


class MissingExtraError(SluglineError):
    """An optional dependency is not installed; the message gives the command that installs it."""

    def __init__(self, what: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{what} needs an optional dependency; install it with: pip install 'slugline[{extra}]'")


def _short(value: object) -> str:
    # Of a long text or list the whole is not written out only to be cut.
    value = value[:200] if isinstance(value, str | bytes | list | tuple) else value
    shown = value if isinstance(value, str) and value.startswith(("a ", "an ", "no ", "only ")) else repr(value)
    return _cut(shown, 60)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
