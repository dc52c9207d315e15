"""Where the `slugline` command begins and ends: its streams, its signals, its error lines and its exit codes.

Nothing is imported at the top but what an interrupted start needs to end in good order.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT
"""The exit code after Ctrl-C: 128 and the number of the signal, as shells have it."""

_STOPPED = "slugline: interrupted; no file was left half-written\n"
_ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def main() -> None:
    """Run the command line: 0 done; 1 data, file or model at fault; 2 the command line is; 128 + N signal N.

    SIGTERM and SIGHUP end a run as Ctrl-C does: half-written files are removed, its tracked run is marked as killed.
    """
    _open_streams()
    try:
        _catch_signals()
        from slugline.cli.app import app

        # --debug is understood before and after the command's name.
        arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
        if len(arguments) < len(sys.argv) - 1 or os.environ.get("SLUGLINE_DEBUG"):
            app(args=arguments)
        else:
            _run(arguments)
    except KeyboardInterrupt:
        # Where no command was running yet, or no longer.
        sys.stderr.write(_STOPPED)
        sys.exit(INTERRUPTED)
    except SystemExit as stop:
        if stop.code in (INTERRUPTED, *(128 + number for number in _ENDINGS)):
            sys.stderr.write(_STOPPED)
        raise


def _run(arguments: list[str]) -> None:
    from slugline.cli.app import app
    from slugline.errors import SluglineError

    try:
        app(args=arguments)
    except SluglineError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'input or output'}: {error.strerror or error}")
    except MemoryError:
        _fail("out of memory; see the guide on scaling, or give fewer articles or terms")
    except Exception as error:
        _fail(f"internal error, please report it: {type(error).__name__}: {error} (--debug shows the traceback)")


def _catch_signals() -> None:
    for number in _ENDINGS:
        # What is ignored, as by nohup, stays ignored.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(message: str) -> NoReturn:
    line = " ".join(message.split())
    sys.stderr.write("slugline: error: " + "".join(char if char.isprintable() else " " for char in line) + "\n")
    sys.exit(1)
