"""Make the model that is shipped, data/models/news-en.safetensors, and its card, from configs/news-en.toml.

SLUGLINE_CORPORA=FOLDER python experiments/news_en.py trains, measures and writes both; with --card it writes the card
of the model that is there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from slugline.bundle import read_bundle
from slugline.cli import console
from slugline.config import load_config
from slugline.experiment.card import model_card
from slugline.experiment.train import train_model
from slugline.files import write_text

HERE = Path(__file__).resolve().parent
CONFIG = HERE / "configs" / "news-en.toml"
NOTES = HERE / "configs" / "news-en.md"
MODEL = HERE.parent / "data" / "models" / "news-en.safetensors"
LARGEST = 12_000_000
"""Bytes that the model may have, so that the wheel stays small."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--card", action="store_true", help="only write the card of the model that is there")
    parser.add_argument("--no-track", action="store_true", help="do not record the run")
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    if not asked.card:
        MODEL.parent.mkdir(exist_ok=True)
        with console.progress_bar() as progress:
            train_model(load_config(CONFIG), MODEL, jobs=asked.jobs, track=not asked.no_track, progress=progress)
    size = MODEL.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{MODEL} has {size:,} bytes, more than {LARGEST:,}: raise tags.min_articles or min_df")
    card = model_card(read_bundle(MODEL), name=MODEL.stem, notes=NOTES.read_text(encoding="utf-8"))
    write_text(MODEL.with_suffix(".md"), card)
    print(f"{MODEL}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
