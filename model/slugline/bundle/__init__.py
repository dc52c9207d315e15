"""The model file: one safetensors file with every array and a JSON manifest, written atomically and read by mapping.

docs/model-file.md describes it field by field.
"""

from __future__ import annotations

from slugline.bundle.content import FORMAT, HEADS, Bundle, Manifest, label_counts, reading_about
from slugline.bundle.file import read_bundle, write_bundle
from slugline.bundle.formats import READERS
from slugline.bundle.sections import SECTIONS, Section

__all__ = [
    "FORMAT",
    "HEADS",
    "READERS",
    "SECTIONS",
    "Bundle",
    "Manifest",
    "Section",
    "label_counts",
    "read_bundle",
    "reading_about",
    "write_bundle",
]
