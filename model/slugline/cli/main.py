"""Where the `slugline` command begins and ends: its streams, its signals, its error lines and its exit codes.

Nothing is imported at the top but what an interrupted start needs to end in good order.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT
"""The exit code after Ctrl-C: 128 and the number of the signal, as shells have it."""

_STOPPED = "slugline: interrupted; no file was left half-written\n"
_ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def main() -> None:
    """The whole process: run its command line and end it."""
    code = run(sys.argv[1:])
    sys.stderr.flush()
    # Numpy takes as long to tear down as an article takes to predict, and there is nothing left to be done.
    if code is not None and sys.getprofile() is None and sys.gettrace() is None:
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int | None:
    """Run a command line: 0 done; 1 data, file or model at fault; 2 the command line is; 128 + N signal N.

    SIGTERM and SIGHUP end a run as Ctrl-C does: half-written files are removed, its tracked run is marked as killed.
    The code is returned where everything is written and nothing is left to be ended, else raised as SystemExit or None.
    """
    _open_streams()
    try:
        _catch_signals()
        # --debug is understood before and after the command's name.
        said = [argument for argument in arguments if argument != "--debug"]
        debug = len(said) < len(arguments) or bool(os.environ.get("SLUGLINE_DEBUG"))
        return _call(said) if debug else _run(said)
    except KeyboardInterrupt:
        # Where no command was running yet, or no longer.
        sys.stderr.write(_STOPPED)
        sys.exit(INTERRUPTED)
    except SystemExit as stop:
        if stop.code in (INTERRUPTED, *(128 + number for number in _ENDINGS)):
            sys.stderr.write(_STOPPED)
        raise


def _run(arguments: list[str]) -> int | None:
    from slugline.errors import SluglineError

    try:
        return _call(arguments)
    except SluglineError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'input or output'}: {error.strerror or error}")
    except MemoryError:
        _fail("out of memory; see the guide on scaling, or give fewer articles or terms")
    except Exception as error:
        _fail(f"internal error, please report it: {type(error).__name__}: {error} (--debug shows the traceback)")


def _call(arguments: list[str]) -> int | None:
    # A shell that completes a line needs all commands.
    completing = any(name.startswith("_") and name.endswith("_COMPLETE") for name in os.environ)
    # OpenBLAS would start a thread for each core, which wait for each other longer than they multiply, and with their
    # number the last bits of sums change: a model would depend on the machine that trained it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if arguments[:1] == ["predict"] and not completing and _predict_plainly(arguments[1:]):
        return 0
    # A corpus is many objects without cycles: looking for garbage after every 700 takes a twentieth of a training.
    gc.set_threshold(50_000, 20, 20)
    if arguments[:1] == ["train"] and not completing and _train_plainly(arguments[1:]):
        return None
    from slugline.cli.app import make_app
    from slugline.cli.commands import wanted

    if completing:
        make_app()(args=arguments)
    else:
        name = wanted(arguments) or ""
        make_app(name, first=arguments[:1] == [name])(args=arguments)
    return None


def _predict_plainly(arguments: list[str]) -> bool:
    """Predict if the command line is so plain that typer need not read it."""
    # Modules and a model make no garbage; looking for some costs as much as an article.
    gc.disable()
    from slugline.cli.lane import parse

    plain = parse(arguments)
    if plain is not None:
        from slugline.cli.predicting import predict_articles

        with _pipe():
            predict_articles(**plain)
    gc.enable()
    return plain is not None


def _train_plainly(arguments: list[str]) -> bool:
    """Train if the command line is so plain that typer need not read it."""
    from slugline.cli.train_lane import parse

    plain = parse(arguments)
    if plain is not None:
        from slugline.cli.training import train_corpora

        with _pipe():
            train_corpora(**plain)
    return plain is not None


@contextlib.contextmanager
def _pipe() -> Iterator[None]:
    """What is written goes out at the end; who reads no further is told nothing, as typer has it."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)


def _catch_signals() -> None:
    for number in _ENDINGS:
        # What is ignored, as by nohup, stays ignored.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    sys.unraisablehook = _heed


def _heed(lost: sys.UnraisableHookArgs) -> None:
    """Send a signal again whose exception came up where nothing can be raised, as in what C calls back.

    Python would say so and go on: a server that was told to end while it started went on for good.
    """
    error = lost.exc_value
    numbers = {128 + number: number for number in _ENDINGS}
    number = signal.SIGINT if isinstance(error, KeyboardInterrupt) else None
    if isinstance(error, SystemExit):
        number = numbers.get(error.code if isinstance(error.code, int) else 0)
    if number is None:
        sys.__unraisablehook__(lost)
        return
    import threading

    if number != signal.SIGINT:
        signal.signal(number, _end)
    again = threading.Timer(0.05, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    # A second one ends the process at once.
    signal.signal(number, signal.SIG_DFL)
    raise SystemExit(128 + number)


def _open_streams() -> None:
    """Give a closed standard stream a place, and let output never fail for a character that cannot be written."""
    # In this order each gets the number that it had, before another file can.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if type(sys.stderr) is io.TextIOWrapper:
        encoding, by_line = sys.stderr.encoding, sys.stderr.line_buffering
        sys.stderr.flush()
        sys.stderr = _Plain(sys.stderr.detach(), encoding, "backslashreplace", line_buffering=by_line)


class _Plain(io.TextIOWrapper):
    """stderr, where others write too, without what no progress bar needs: control characters of eight bits, and those
    that turn round the direction of writing. The names of files and options in the errors of typer may have them.
    """

    _unwanted = dict.fromkeys(
        (*range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)), " "
    )

    def write(self, text: str) -> int:
        """As of any stream."""
        return super().write(text if text.isascii() else text.translate(self._unwanted))


def _fail(message: str) -> NoReturn:
    line = " ".join(message.split())
    sys.stderr.write("slugline: error: " + "".join(char if char.isprintable() else " " for char in line) + "\n")
    sys.exit(1)
