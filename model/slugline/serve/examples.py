"""Examples of what the REST API takes and gives, which its OpenAPI shows; a test sends them."""

from __future__ import annotations

from typing import Any

_MODEL = "sha256:53023cd4c9f7acb8aed81ecf89847dc0beb6fe3839e61193577429e2406bbf4a"

ARTICLE: Any = {
    "id": "2026-08-20-1",
    "title": "Rebels seize the airport",
    "body": "Syrian rebels said on Monday that they had taken the airport of Aleppo.\n\nThe army denied it.",
}

PREDICTION: Any = {
    "id": "2026-08-20-1",
    "title": "Rebels seize the airport",
    "event_type": {
        "type": "armed_conflict",
        "group": "Armed conflicts and attacks",
        "probability": 0.9312,
        "group_probability": 0.9744,
    },
    "tags": [{"tag": "Syria", "probability": 0.9816, "decided": True}],
    "model": _MODEL,
}

_EVIDENCE: Any = {
    "score": 1.2,
    "intercept": -1.1,
    "terms": [{"term": "syrian", "contribution": 1.9}, {"term": "monday", "contribution": -0.1}],
    "other_terms": 0.5,
}

EXPLANATION: Any = {
    "id": "2026-08-20-1",
    "title": "Rebels seize the airport",
    "event_type": PREDICTION["event_type"] | {"evidence": _EVIDENCE, "marks": []},
    "tags": [
        {
            "tag": "Syria",
            "probability": 0.9816,
            "decided": True,
            "evidence": _EVIDENCE,
            "threshold": {"score": -0.4, "probability": 0.32},
            "missing": {"score": 0.0, "probability": 0.0},
            "why": "its score reached its threshold",
            "asked": False,
            "marks": [{"field": "body", "start": 0, "end": 6, "contribution": 1.9}],
        }
    ],
    "model": _MODEL,
    "nearest_event": None,
    "asked_events": [],
    "neighbours": None,
    "text": {"title": ARTICLE["title"], "body": ARTICLE["body"]},
}

FEEDBACK: Any = {
    "article": ARTICLE,
    "tags": {"accepted": ["Syria"], "rejected": ["Weather"], "added": ["Aleppo"]},
    "event_type": {"accepted": "armed_conflict"},
    "who": "anna",
}

FEEDBACK_KEPT: Any = {
    "article": "sha256:1b4f0e9851971998e732078544c96b36c3d01cedf7caa332359d6f1d83567014",
    "model": _MODEL,
    "time": "2026-11-26T12:00:00Z",
    "text_kept": False,
}

LABELS: Any = {
    "model": _MODEL,
    "total": 1,
    "tags": [{"tag": "Syria", "aliases": ["Syrian Arab Republic"], "articles": 212, "by_name": False}],
    "event_types": [
        {
            "type": "armed_conflict",
            "group": "Armed conflicts and attacks",
            "definition": "Fighting between armed forces.",
            "aliases": [],
        }
    ],
}

MODEL: Any = {
    "digest": _MODEL,
    "format": 2,
    "slugline": "0.1.0",
    "libraries": {"numpy": "2.4.6"},
    "labels": {"tags": 820, "tags_by_name": 9691, "event_type": 23, "event_group": 10},
    "corpus": {"name": "news-en", "articles": 54935, "train": 53477, "held_out": 1458, "last_date": "2025-12-31"},
    "metrics": {"tags": {"micro_f1": {"value": 0.51, "low": 0.49, "high": 0.53}}},
    "self_test": {"state": "passed", "sentences": 5, "time": "2026-11-26T12:00:00Z"},
    "limits": {"body": 8388608, "articles": 1000, "text": 200000, "seconds": 30.0, "requests": 32},
    "feedback": True,
}

ERROR: Any = {"error": {"code": "invalid", "message": "input should be a valid string", "field": "0.body"}}
