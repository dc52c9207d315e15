"""How commands speak: results to stdout, everything else to stderr, progress as a bar or as plain lines."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from slugline.errors import SluglineError
from slugline.progress import Progress

if TYPE_CHECKING:
    from slugline.errors import CorpusError
    from slugline.priors import Shift

WIDTH = 80
"""Columns that everything shown to a person fits into."""
STYLES = ("1", "2", "1;32", "31", "4;31")
"""What text is shown in: bold, dim, bold green, red, red underlined (ECMA-48, select graphic rendition)."""
_STEERING = "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
LOG_SECONDS = 10.0
"""In a log (no terminal) a running stage is told at most this often."""
QUICK_SECONDS = 1.0
"""In a log the end of a stage is told if it took at least this long."""


def out(text: str) -> None:
    """One result line, or several, to stdout; of what steers a terminal, nothing but the styles of this module."""
    sys.stdout.write(_harmless(text, styled=True) + "\n")


def err(text: str) -> None:
    """One line about the work to stderr, without anything that steers a terminal."""
    sys.stderr.write(_harmless(text) + "\n")
    sys.stderr.flush()


def command() -> str:
    """The command line that is being carried out, as one would type it."""
    # Not imported for one article.
    import shlex

    return shlex.join(["slugline", *sys.argv[1:]])


def err_shift(shift: Shift) -> None:
    """Say which shares of event types were found on a batch, those that changed most first."""
    err(f"slugline: shares of event types found on {shift.articles:,} articles (in training):")
    for label in sorted(shift.new, key=lambda name: (-abs(shift.new[name] - shift.old[name]), name)):
        err(f"  {printable(label):<36} {100 * shift.new[label]:5.1f} % ({100 * shift.old[label]:.1f} %)")


def err_skipped(skipped: Sequence[SluglineError]) -> None:
    """Tell which bad rows were skipped, and how many."""
    for error in skipped:
        err(f"slugline: skipped: {error}")
    if skipped:
        err(f"slugline: {len(skipped)} bad rows skipped")


@contextlib.contextmanager
def skipping(skip_bad: bool) -> Iterator[Callable[[CorpusError], None]]:
    """What is to be called with the error of a bad row: it raises, or tells and counts, and the sum is told at last."""
    bad = 0

    def on_bad(error: CorpusError) -> None:
        nonlocal bad
        if not skip_bad:
            raise error
        bad += 1
        err(f"slugline: skipped: {error}")

    yield on_bad
    if bad:
        err(f"slugline: {bad} bad rows skipped")


def err_unmapped(unmapped: Sequence[tuple[str, int]]) -> None:
    """Tell which event types the map of labels did not know, and in how many articles."""
    for label, count in unmapped:
        articles = "1 article" if count == 1 else f"{count:,} articles"
        err(f"slugline: not in the map: {printable(label)} ({articles}, not annotated)")


def out_json(value: Any, *, indent: int | None = 2) -> None:
    """A JSON result to stdout, keys as given; in ASCII where stdout cannot take every character."""
    sys.stdout.write(safe_json(json.dumps(value, ensure_ascii=ascii_only(), indent=indent)) + "\n")


def out_json_list(values: Iterable[Any]) -> None:
    """A JSON list to stdout as `out_json` writes it, each value as it comes."""
    written = False
    for value in values:
        text = json.dumps(value, ensure_ascii=ascii_only(), indent=2).replace("\n", "\n  ")
        sys.stdout.write((",\n  " if written else "[\n  ") + safe_json(text))
        written = True
    out("\n]" if written else "[]")


def safe_json(text: str) -> str:
    r"""JSON of the same meaning that a terminal can be shown: what would steer it, or turn round the direction of
    writing, is escaped. What is below a blank, JSON escapes itself.

    >>> print(safe_json('"a\x9b31m\u202eb"'))
    "a\u009b31m\u202eb"
    """
    if text.isascii() and "\x7f" not in text:
        return text
    import re

    return re.sub(_STEERING, lambda found: f"\\u{ord(found[0]):04x}", text)


def ascii_only() -> bool:
    """Whether stdout cannot take every character."""
    return not sys.stdout.encoding.lower().replace("-", "").startswith("utf")


def width(stream: TextIO | None = None) -> int:
    """The columns of the terminal that `stream` (stdout) is, at least 40; WIDTH if it is none. $COLUMNS overrides."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdecimal() and 0 < int(said) < 10_000:
        return max(40, int(said))
    try:
        found = os.get_terminal_size((stream or sys.stdout).fileno()).columns
    except (OSError, ValueError):
        return WIDTH
    # A terminal that does not know says 0.
    return max(40, found) if found else WIDTH


def use_colour() -> bool:
    """Whether stdout wants colour: a terminal does, unless it is dumb or $NO_COLOR (https://no-color.org) is set.

    $FORCE_COLOR and $CLICOLOR_FORCE ask for it in a pipe as well, $CLICOLOR=0 (https://bixense.com/clicolors) declines.
    """
    said = os.environ.get
    if said("NO_COLOR"):
        return False
    if said("FORCE_COLOR", "0") not in ("", "0") or said("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and said("TERM") != "dumb" and said("CLICOLOR") != "0"


def bold(text: str) -> str:
    """`text` in bold where stdout wants it."""
    return styled(text, "1")


def dim(text: str) -> str:
    """`text` dimmed where stdout wants it."""
    return styled(text, "2")


def spoken(text: str, contribution: float) -> str:
    """A word that speaks for a label in bold green, one that speaks against it in red, where stdout wants colour."""
    return styled(text, "1;32" if contribution > 0 else "31")


def styled(text: str, code: str) -> str:
    """`text` in one of STYLES where stdout wants it."""
    return f"\x1b[{code}m{_harmless(text)}\x1b[0m" if use_colour() else text


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> str:
    """Plain aligned columns, header first; the columns numbered in `right` are right-aligned."""
    cells = [[printable(str(cell)) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = []
    for number, row in enumerate(cells):
        line = "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        lines.append(bold(line) if number == 0 else line)
    return "\n".join(lines)


def short(text: str, width: int) -> str:
    """`text` on one line, cut to `width` columns of a terminal."""
    line = " ".join(text.split())
    if columns(line) <= width:
        return line
    taken, kept = 0, 0
    for char in line:
        taken += columns(char)
        if taken > width - 1:
            break
        kept += 1
    return line[:kept].rstrip() + "…"


def padded(text: str, width: int) -> str:
    """`text` with blanks up to `width` columns of a terminal."""
    return text + " " * (width - columns(text))


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: two for a wide character (Chinese, an emoji), none for an accent."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def printable(text: str) -> str:
    """`text` without control characters, so that an article cannot steer the terminal it is shown on."""
    return text if text.isprintable() else "".join([char if char.isprintable() else " " for char in text])


def _harmless(text: str, *, styled: bool = False) -> str:
    """`text` as `printable` has it, its line feeds kept, and where it is `styled` the escapes of STYLES."""
    if text.isprintable():
        return text
    if not styled or "\x1b" not in text:
        return "\n".join(map(printable, text.split("\n")))
    import re

    parts = re.split(rf"(\x1b\[(?:0|{'|'.join(STYLES)})m)", text)
    return "".join(part if number % 2 else _harmless(part) for number, part in enumerate(parts))


@contextlib.contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Progress]:
    """Yield a Progress: bars on a terminal, plain lines in a log, nothing where `quiet`. All on stderr."""
    if quiet:
        yield lambda _stage, _done, _total: None
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bars() as report:
            yield report
    else:
        yield _log_lines()


@contextlib.contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    # What is read is called by its name, which must not be taken for rich's markup.
    columns = (
        TextColumn("{task.description:<28}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    tasks: dict[str, Any] = {}
    with Bars(*columns, console=Console(stderr=True)) as bars:

        def report(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(printable(stage), total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report


def _log_lines() -> Progress:
    started: dict[str, float] = {}
    told: dict[str, float] = {}

    def report(stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage not in started:
            started[stage] = told[stage] = now
            err(f"{stage} ...")
        if total is not None and done >= total:
            seconds = now - started[stage]
            if seconds >= QUICK_SECONDS:
                err(f"{stage}: {'done' if total == 1 else f'{total:,}'} in {seconds:.0f} s")
            told[stage] = float("inf")
        elif now - told[stage] >= LOG_SECONDS:
            told[stage] = now
            err(f"{stage}: {done:,}" + ("" if total is None else f" of {total:,}"))

    return report
