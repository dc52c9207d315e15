"""Hostile input: what the short tests and `experiments/soak/hostile_input.py` feed to everything that reads.

`BOMBS` are files made to be too deep, too long, too many or too wide, of about the size asked for; `SEEDS` small sound
files of every format, which `mutated` damages; `outcome` reads a file in every way in which Slugline may and says what
came of it. A reader may do two things: give articles, or refuse in one clear line.
"""

from __future__ import annotations

from hostile.bombs import BOMBS
from hostile.damage import mutated
from hostile.judging import outcome
from hostile.sound import SEEDS

__all__ = ["BOMBS", "SEEDS", "mutated", "outcome"]
