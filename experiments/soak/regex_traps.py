"""Every regular expression of the package on texts that are made of its own parts to be slow.

    python experiments/soak/regex_traps.py [--size 4000] [--all]

Patterns are found where `re.compile` is called, at the top of a module or in a function without arguments, and where a
text is given to `re.sub` and its like. Each is tried as it is used (`match`, `fullmatch`, or a search) on its literals
and characters of its classes, repeated, in pairs, behind and before others. A trap is where twice the text takes more
than 2.8 times as long, and more than --seconds; the exit code is then 1. That no trial is slow proves nothing.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import pkgutil
import re
import re._constants as codes
import re._parser as parser
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import slugline

ROOT = Path(slugline.__file__).parent
METHODS = ("match", "fullmatch", "search", "findall", "finditer", "sub", "subn", "split")
LONGEST = 1.0  # seconds for one text, which no sound pattern takes
OWN = ("report.vega",)
"""Where only what Slugline made itself is searched."""
_CLASS = {
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_DIGIT: "7",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_NOT_WORD: "-",
    codes.CATEGORY_NOT_DIGIT: "a",
}


def main() -> int:
    """Try and print; 1 where there is a trap."""
    about = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    about.add_argument("--size", type=int, default=4000, help="characters of the longer text (4000)")
    about.add_argument("--seconds", type=float, default=0.01, help="what takes less is no trap (0.01)")
    about.add_argument("--minutes", type=float, default=20.0, help="for all of it (20)")
    about.add_argument("--all", action="store_true", help="list every pattern, not only traps")
    said = about.parse_args()
    print("| where | used as | slowest, ms | on | pattern |\n|---|---|--:|---|---|")
    bad = count = 0
    end = time.monotonic() + 60 * said.minutes
    for where, method, pattern in sorted(patterns(), key=lambda one: one[:2]):
        if where.startswith(OWN):
            continue
        if time.monotonic() > end:
            print(f"\nended before {where}; --minutes gives more time")
            break
        count += 1
        seconds, text, trap = slowest(pattern, method, said)
        bad += trap
        if trap or said.all:
            shown = repr(pattern.pattern)[:60].replace("|", "\\|")
            print(f"| {where} | {method} | {1000 * seconds:.1f} | {text!r:.60} | `{shown}` |", flush=True)
    print(f"\n{count} uses of patterns, {bad} traps")
    return 1 if bad else 0


def patterns() -> Iterator[tuple[str, str, re.Pattern[Any]]]:
    """Where each pattern is, how it is used, and the pattern."""
    for found in pkgutil.walk_packages([str(ROOT)], "slugline."):
        if found.name.endswith("__main__"):
            continue
        with contextlib.suppress(ImportError):
            module = importlib.import_module(found.name)
            if module.__file__ is not None:
                yield from _of_module(module, Path(module.__file__).read_text(encoding="utf-8"))


def _of_module(module: Any, source: str) -> Iterator[tuple[str, str, re.Pattern[Any]]]:
    place = module.__name__.removeprefix("slugline.")
    for name, value in vars(module).items():
        pattern = value
        if isinstance(value, Callable) and f"def {name}() -> re.Pattern" in source:
            pattern = value()
        several = pattern if isinstance(pattern, tuple) else (pattern,)
        for one in several:
            if isinstance(one, re.Pattern) and (f"{name} = " in source or f"def {name}()" in source):
                used = set(re.findall(rf"\b{name}(?:\(\))?\.({'|'.join(METHODS)})\b", source))
                for method in used or {"search", "fullmatch"}:
                    yield f"{place}.{name}", method, one
    for node in ast.walk(ast.parse(source)):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in METHODS
        ):
            continue
        first = node.args[0]
        text = (
            first.value
            if isinstance(first, ast.Constant)
            else getattr(module, first.id, None)
            if isinstance(first, ast.Name)
            else None
        )
        if isinstance(text, str):
            flags = re.IGNORECASE if "IGNORECASE" in ast.unparse(node) else 0
            yield f"{place}:{node.lineno}", node.func.attr, re.compile(text, flags)


def parts(pattern: re.Pattern[Any]) -> tuple[list[str], list[str]]:
    """Characters that the pattern speaks of, and its literal words."""
    chars: list[str] = ["a", "\n"]
    words: list[str] = []

    def walk(tree: Any) -> None:
        literal = ""
        for code, value in tree:
            if code is codes.LITERAL:
                literal += chr(value)
                chars.append(chr(value))
                continue
            words.append(literal)
            literal = ""
            if code is codes.IN:
                for kind, one in value:
                    if kind is codes.CATEGORY:
                        chars.append(_CLASS[one])
                    elif kind in (codes.LITERAL, codes.RANGE):
                        chars.append(chr(one if kind is codes.LITERAL else one[0]))
            elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
                walk(value[2])
            elif code is codes.SUBPATTERN:
                walk(value[3])
            elif code is codes.ATOMIC_GROUP:
                walk(value)
            elif code is codes.BRANCH:
                for branch in value[1]:
                    walk(branch)
            elif code in (codes.ASSERT, codes.ASSERT_NOT):
                walk(value[1])
        words.append(literal)

    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    walk(parser.parse(text, pattern.flags & ~(re.UNICODE if isinstance(pattern.pattern, bytes) else 0)))
    return list(dict.fromkeys(chars))[:12], [word for word in dict.fromkeys(words) if len(word) > 1][:6]


def slowest(pattern: re.Pattern[Any], method: str, said: argparse.Namespace) -> tuple[float, str, bool]:
    """The longest time for a text, on what, and whether that is a trap; of a trap, the first."""
    signal.signal(signal.SIGVTALRM, _stop)
    chars, words = parts(pattern)
    units = [*chars, *words]
    pumps = [*units, *(one + other for one in units for other in units if one != other)][:80]
    run: Callable[[Any], object] = (
        getattr(pattern, method)
        if method in ("match", "fullmatch")
        else lambda text: sum(1 for _ in pattern.finditer(text))
    )
    worst = (0.0, "", False)
    for before in ("", "a", *words[:2]):
        for pump in pumps:
            seconds, trap = growing(run, pattern, before, pump, said)
            if trap:
                return seconds, before + pump, True
            worst = max(worst, (seconds, before + pump, False))
    return worst


def growing(
    run: Callable[[Any], object], pattern: re.Pattern[Any], before: str, pump: str, said: argparse.Namespace
) -> tuple[float, bool]:
    """The time for the longest text tried, and whether twice the text took too much more."""
    half, whole = (before + pump * (size // len(pump)) + "\n!" for size in (said.size // 2, said.size))
    shorter = timed(run, pattern, half)
    if shorter < said.seconds / 4 or shorter == LONGEST:
        return shorter, shorter == LONGEST
    longer = timed(run, pattern, whole)
    return longer, longer == LONGEST or (longer > said.seconds and longer > 2.8 * shorter)


def timed(run: Callable[[Any], object], pattern: re.Pattern[Any], text: str) -> float:
    """The processor time of the faster of two trials, LONGEST where it was not done by then."""
    made = text.encode() if isinstance(pattern.pattern, bytes) else text
    taken = []
    for _ in range(2):
        start = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
        try:
            run(made)
        except TimeoutError:
            return LONGEST
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        taken.append(time.process_time() - start)
    return min(LONGEST, *taken)


def _stop(_number: int, _frame: object) -> None:
    raise TimeoutError


if __name__ == "__main__":
    sys.exit(main())
