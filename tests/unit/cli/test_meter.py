"""How predicting tells of itself: late, at a sensible pace, and only where it is read."""

from __future__ import annotations

import io
import sys

import pytest

from slugline.cli.meter import Meter


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def run(monkeypatch):
    """Count `count` articles, `step` seconds each; what went to stderr."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")

    def counted(count, step, *, err, out=False, total=None, fails=False):
        stream, clock = Stream(err), Clock()
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(sys, "stdout", Stream(out))
        try:
            with Meter(lambda: total, clock=clock) as meter:
                for _ in range(count):
                    clock.now += step
                    meter.count()
                if fails:
                    raise RuntimeError
        except RuntimeError:
            pass
        return stream.getvalue()

    return counted


@pytest.mark.parametrize("err", [True, False])
def test_what_is_done_at_once_says_nothing(run, err):
    assert run(1, 0.3, err=err) == ""


def test_a_terminal_gets_a_bar_that_is_taken_away(run):
    shown = run(100, 0.125, err=True, total=100)
    pictures = shown.split("\r\x1b[K")
    assert pictures[1].startswith("[")
    assert "8 of 100 articles, 8.0/s" in pictures[1]
    assert "left" in pictures[1]
    assert all(len(picture) < 80 for picture in pictures)
    assert pictures[-1] == "slugline: 100 articles in 0:12, 8.0/s\n"


def test_where_the_total_is_not_known_there_is_no_bar_to_fill(run):
    pictures = run(30, 0.125, err=True).split("\r\x1b[K")
    assert pictures[1].startswith("8 articles, 8.0/s")


def test_results_on_the_same_terminal_are_their_own_progress(run):
    assert run(100, 0.1, err=True, out=True) == ""


def test_a_log_gets_lines_at_growing_pauses(run):
    lines = run(3000, 0.125, err=False, total=3000).splitlines()
    done = [int(line.split()[1].replace(",", "")) for line in lines]
    assert done == [80, 240, 560, 1040, 1520, 2000, 2480, 2960, 3000]
    assert lines[0] == "slugline: 80 of 3,000 articles, 8.0/s"
    assert not any("\x1b" in line or "\r" in line for line in lines)


def test_a_failure_takes_the_bar_away_and_claims_nothing(run):
    shown = run(50, 0.1, err=True, fails=True)
    assert shown.endswith("\r\x1b[K")


def test_a_total_that_was_too_low_is_dropped(run):
    assert "of" not in run(300, 0.1, err=False, total=5)


@pytest.mark.parametrize("width", [40, 50, 60, 100])
def test_the_picture_fits_any_width(width):
    meter = Meter(lambda: None)
    for done, of in ((10, None), (10, 5), (0, 10), (123_456, 9_999_999)):
        meter.done, meter._of = done, of
        assert len(meter.picture(3700.0, width)) < width
