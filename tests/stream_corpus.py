"""A small corpus for training on disk."""

import datetime as dt

import numpy as np

from slugline.config import FeatureConfig, ViewConfig

FEATURES = FeatureConfig(
    (ViewConfig(ngram_max=2), ViewConfig("stems", unit="stem", title_repeat=1, weight=0.5, max_terms=60))
)
TOPICS = ("oil", "grain", "gold", "trade", "rates")


def rows(count=300, seed=0):
    """Articles whose words tell their tags, some twice, some untagged; dated, with event types."""
    random = np.random.default_rng(seed)
    words = [f"word{number}" for number in range(400)]
    made = []
    for number in range(count):
        tags = sorted({TOPICS[min(place, 4)] for place in random.geometric(0.45, 2) - 1})
        chosen = [words[place] for place in random.zipf(1.4, 40) % 400]
        body = " ".join([*chosen, *(f"{tag} {tag}price" for tag in tags)])
        row = {
            "id": f"a{number}",
            "title": f"Title {tags[0]} {number % 7}",
            "body": body,
            "date": (dt.date(2020, 1, 1) + dt.timedelta(days=number)).isoformat(),
            "tags": tags,
            "event_type": "protest" if "oil" in tags else "economy",
        }
        if number % 17 == 16:
            row["tags"] = None
        if number % 23 == 22:
            row["body"], row["title"] = made[number - 20]["body"], made[number - 20]["title"]
        made.append(row)
    return made
