"""What a server says of its model and of what that can say."""

from __future__ import annotations

from dataclasses import asdict

from slugline.serve.model import Served
from slugline.serve.schemas import EventLabelOut, LabelsOut, LimitsOut, ModelOut, SelfTestOut, TagLabelOut
from slugline.serve.state import State

_LONG = frozenset({"label_counts", "unmapped"})
"""Facts of the corpus that are lists as long as the vocabulary; /v1/labels has the counts."""


def model_json(state: State) -> ModelOut:
    """The answer of /v1/model."""
    served, limits = state.served, state.settings.limits
    bundle = served.predictor.bundle
    manifest = bundle.manifest
    labels = {name: len(head.labels) for name, head in bundle.heads.items()}
    if bundle.tags is not None:
        # As they are now: some may have been merged or retired since.
        labels["tags"] = len(served.predictor.labels(by_name=False))
    if (events := served.predictor.events).vocabulary is not None:
        labels["event_type"] = len(events.types)
    if "names" in bundle.sections:
        labels["tags_by_name"] = len(served.predictor.labels()) - labels["tags"]
    return ModelOut(
        digest=bundle.digest,
        format=manifest.format,
        slugline=manifest.slugline,
        libraries=manifest.libraries,
        labels=labels,
        corpus={key: value for key, value in manifest.corpus.items() if key not in _LONG},
        metrics=manifest.metrics,
        self_test=SelfTestOut(
            state="passed", sentences=len(manifest.self_test), time=served.tested.strftime("%Y-%m-%dT%H:%M:%SZ")
        ),
        limits=LimitsOut(
            body=limits.body,
            articles=limits.articles,
            text=limits.text,
            seconds=limits.seconds,
            requests=limits.requests,
        ),
        feedback=state.settings.feedback is not None,
    )


def labels_json(served: Served, begun: str, limit: int, offset: int) -> LabelsOut:
    """The answer of /v1/labels."""
    predictor = served.predictor
    labels = served.labels(predictor)
    tags, total = labels.complete(begun, limit, offset)
    return LabelsOut(
        model=predictor.bundle.digest,
        total=total,
        tags=[TagLabelOut(**asdict(entry)) for entry in tags],
        event_types=[EventLabelOut(**asdict(entry)) for entry in labels.matching_events(begun)],
    )
