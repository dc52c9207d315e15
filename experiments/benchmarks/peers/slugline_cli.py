"""Slugline as one more system: its own two commands, run as a user runs them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from peers.tasks import Files

MODEL = "model.safetensors"


def fit_command(files: Files, model: Path) -> list[str]:
    """Train; there is nothing to search, for all choices are defaults or made while training."""
    return [program(), "train", "--config", str(files.slugline_config), "--out", str(model / MODEL), "--no-track"]


def predict_command(articles: Path, model: Path) -> list[str]:
    """The best 50 tags of each article, JSON Lines on standard output."""
    return [program(), "predict", str(articles), "--model", str(model / MODEL), "--format", "jsonl", "--top", "50"]


def convert(raw: Path, out: Path, kind: str) -> None:
    """The command's own lines as the benchmark's predictions."""
    with raw.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as stream:
        for line in lines:
            one = json.loads(line)
            if kind == "tags":
                scores = [[tag["tag"], tag["probability"]] for tag in one["tags"]]
                decided = [tag["tag"] for tag in one["tags"] if tag["decided"]]
            else:
                event = one["event_type"]
                name = None if event is None else event.get("type") or event["group"]
                scores = [] if name is None else [[name, event["probability"]]]
                decided = [] if name is None else [name]
            stream.write(json.dumps({"id": one["id"], "scores": scores, "decided": decided}, ensure_ascii=False) + "\n")


def program() -> str:
    """The command of the environment that runs the benchmark."""
    return str(Path(sys.executable).with_name("slugline"))
