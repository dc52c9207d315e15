"""What `slugline review` does: it picks articles, shows one after another, and saves each answer at once."""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from slugline.cli import console
from slugline.cli.review_screen import HELP, TAG_KEYS, screen
from slugline.errors import OutputError, SluglineError
from slugline.feedback import EventAnswer, Feedback, append, judged

if TYPE_CHECKING:
    from slugline.picks import Pick
    from slugline.predict import Predictor

Key = Callable[[], str]
"""Waits for one key."""

Ask = Callable[[str, Sequence[str]], str]
"""Asks for a line, with completion from some words; an empty one is no answer."""


@dataclass
class Marks:
    """How a person has marked an article's tags so far, and what they said of its event type."""

    pick: Pick
    tags: dict[str, bool] = field(default_factory=dict)
    event_type: EventAnswer | None = None

    def __post_init__(self) -> None:
        self.tags = {tag.tag: tag.decided for tag in self.pick.prediction.tags}

    @property
    def proposed(self) -> list[str]:
        """The tags that the model decided on."""
        return [tag.tag for tag in self.pick.prediction.tags if tag.decided]

    @property
    def said_type(self) -> str | None:
        """The event type, or else the group, that the model named."""
        event = self.pick.prediction.event_type
        return None if event is None else event.type or event.group

    def name_type(self, label: str | None) -> None:
        """Take a person's word for the event type; None: no type fits."""
        self.event_type = EventAnswer("accepted" if label == self.said_type else "corrected", label)

    def answer(self, who: str, model: str, *, complete: bool, keep_text: bool) -> Feedback:
        """The answer that these marks are, every shown tag being right or wrong."""
        event = self.event_type
        if event is None and self.said_type is not None:
            event = EventAnswer("accepted", self.said_type)
        return Feedback.of(
            self.pick.article,
            model=model,
            who=who,
            accepted=[tag for tag in self.proposed if self.tags[tag]],
            rejected=[tag for tag, yes in self.tags.items() if not yes],
            added=[tag for tag, yes in self.tags.items() if yes and tag not in self.proposed],
            complete=complete,
            event_type=event,
            keep_text=keep_text,
        )

    def refusal(self, who: str, model: str, *, keep_text: bool) -> Feedback:
        """The answer that everything the model proposed is wrong, and what was added is right."""
        kind = None if self.said_type is None else EventAnswer("rejected", self.said_type)
        added = [tag for tag in self.tags if tag not in {one.tag for one in self.pick.prediction.tags}]
        return Feedback.of(
            self.pick.article,
            model=model,
            who=who,
            rejected=self.proposed,
            added=added,
            event_type=self.event_type or kind,
            keep_text=keep_text,
        )


def check_terminal(sources: Sequence[str], log: Path) -> None:
    """Raise SluglineError where nobody could be asked, or no answer saved."""
    if "-" in sources:
        raise SluglineError(
            "answers come from standard input, and so cannot articles", expected="files, or --format jsonl"
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise SluglineError("asks in a terminal, and there is none", expected="a terminal, or --format jsonl")
    if not os.access(log if log.exists() else log.parent, os.W_OK) or log.is_dir():
        raise OutputError("cannot write here", file=log, expected="a file that answers can be added to")


def login() -> str:
    """The name of who is logged in; empty where nobody is."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def picked(predictor: Predictor, sources: Sequence[str], log: Path, count: int, *, skip_bad: bool) -> list[Pick]:
    """The articles to look at. Raises SluglineError."""
    from slugline.corpus.named import named_articles
    from slugline.picks import METHOD, pick

    reviewed = judged(log, lambda torn: console.err(f"slugline: {torn}"))
    with console.skipping(skip_bad) as on_bad, console.progress_bar() as progress:
        articles = chain.from_iterable(named_articles(name, progress, on_bad) for name in sources)
        found = pick(
            predictor,
            articles,
            count,
            reviewed=reviewed,
            on_progress=lambda done: progress("looking for doubts", done, None),
        )
    known = f"; {len(reviewed):,} reviewed before" if reviewed else ""
    console.err(f"slugline: picked {len(found):,} articles{known}, by {METHOD}")
    return found


def review_picks(
    predictor: Predictor,
    picks: Sequence[Pick],
    log: Path,
    who: str,
    *,
    keep_text: bool,
    key: Key | None = None,
    ask: Ask | None = None,
) -> None:
    """Ask about each article, and append each answer to `log`. Raises OutputError where it cannot be saved."""
    session = Session(predictor, log, who, keep_text, key or press, ask or prompt)
    for number, one in enumerate(picks, 1):
        try:
            going_on = session.review(one, f"{number} of {len(picks)}")
        except (KeyboardInterrupt, EOFError):
            going_on = False
        if not going_on:
            break
    console.out(f"\n{session.saved:,} answers in {log}" if session.saved else "\nno answer was given")
    if session.saved:
        console.out(console.dim(f"train with them: slugline train CORPUS --feedback {log}"))


class Session:
    """One person's answers in a terminal."""

    def __init__(self, predictor: Predictor, log: Path, who: str, keep_text: bool, key: Key, ask: Ask) -> None:
        self.saved = 0
        self._predictor = predictor
        self._log, self._who, self._keep_text = log, who, keep_text
        self._key, self._ask = key, ask
        self._types = [label for label in predictor.events.types if label != "none"]
        self._vocabulary = predictor.labels()

    def review(self, one: Pick, place: str) -> bool:
        """Ask about one article; false if the person wants to stop."""
        marks = Marks(one)
        asked = [tag.tag for tag in one.prediction.tags]
        explanation = self._predictor.explain(one.article, tags=asked)
        focus, whole, said = next((label for label in one.doubtful if label in asked), (asked or [""])[0]), False, ""
        while True:
            console.out(screen(explanation, marks.tags, marks.event_type, one.doubtful, focus, place, whole=whole))
            if said:
                console.out(said)
                said = ""
            key = self._key()
            if key == "q":
                return False
            if key == "s":
                return True
            if key in ("a", "o"):
                model = self._predictor.bundle.digest
                self._save(marks.answer(self._who, model, complete=key == "a", keep_text=self._keep_text))
                return True
            if key == "r":
                self._save(marks.refusal(self._who, self._predictor.bundle.digest, keep_text=self._keep_text))
                return True
            if key == "+":
                said = self._add(marks)
            elif key == "t":
                said = self._name_type(marks)
            elif key == "m":
                whole = not whole
            elif key and key in TAG_KEYS[: len(marks.tags)]:
                focus = list(marks.tags)[TAG_KEYS.index(key)]
                marks.tags[focus] = not marks.tags[focus]
            else:
                said = HELP

    def _save(self, answer: Feedback) -> None:
        append(self._log, answer)
        self.saved += 1

    def _add(self, marks: Marks) -> str:
        from slugline.asked import Names, labels_meant

        typed = self._ask("tag to add (Tab completes, empty: none): ", self._vocabulary).strip()
        if not typed:
            return ""
        try:
            ((tag,),) = labels_meant([typed], Names("tag", self._vocabulary))
        except SluglineError as error:
            typed = console.printable(" ".join(typed.split()))
            if self._ask(f"{error}; add {typed!r} all the same (y/n)? ", ()).strip().lower() != "y":
                return ""
            tag = typed
        marks.tags[tag] = True
        return ""

    def _name_type(self, marks: Marks) -> str:
        typed = self._ask("event type (Tab completes, none: no type fits, empty: as it is): ", [*self._types, "none"])
        typed = typed.strip()
        if typed == "none":
            marks.name_type(None)
        elif typed in self._types or typed in self._predictor.events.levels.groups:
            marks.name_type(typed)
        elif typed:
            return fill("no such event type; there are: " + ", ".join(self._types), console.WIDTH)
        return ""


def press() -> str:
    """One key from the terminal; empty for a key that sends more than a character."""
    if sys.platform == "win32":
        import click

        return click.getchar()[:1]
    import select
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        # What was typed already stays, unlike with click's, and Ctrl-C is what it is elsewhere.
        tty.setcbreak(terminal, termios.TCSADRAIN)
        key = os.read(terminal, 1)
        more = key
        while more and not b" " <= key <= b"~" and select.select([terminal], [], [], 0.02)[0]:
            more = os.read(terminal, 1)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    if key in (b"", b"\x04"):
        raise EOFError
    return key.decode("ascii", "ignore") if b" " <= key <= b"~" else ""


def prompt(text: str, words: Sequence[str]) -> str:
    """A line from the terminal, completed from `words` with Tab where the system can."""
    with _completion(words):
        return input(text)


@contextlib.contextmanager
def _completion(words: Sequence[str]) -> Iterator[None]:
    try:
        import readline
    except ImportError:
        yield
        return
    before, delimiters = readline.get_completer(), readline.get_completer_delims()

    def complete(typed: str, state: int) -> str | None:
        fits = [word for word in words if word.casefold().startswith(typed.casefold())]
        return fits[state] if state < len(fits) else None

    readline.set_completer(complete)
    # Tags have spaces in them.
    readline.set_completer_delims("\n")
    editline = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if editline else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer(before)
        readline.set_completer_delims(delimiters)
