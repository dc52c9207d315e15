"""The whole API against its own OpenAPI, by Schemathesis: made-up requests, sound and unsound, a fixed number of them.

It finds errors of the server, answers that are not as described, sound requests that are refused, and unsound ones that
are taken.
"""

from __future__ import annotations

from collections import Counter

import pytest

from slugline.serve.app import create_app
from slugline.serve.settings import Settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install 'slugline[dev]'")

TOKEN = "a-token-of-some-length"
CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
    "ignored_auth",
}
"""Checks that must have been made; there are more."""


def found(settings: Settings, *, headers: dict[str, str], examples: int = 40) -> tuple[list[str], Counter[str]]:
    """What Schemathesis finds wrong with a server, and how often it made each check and called each address."""
    from schemathesis import engine
    from schemathesis.engine import events

    config = schemathesis.Config.from_dict(
        {
            "seed": 7,
            "headers": headers,
            "generation": {"max-examples": examples, "database": "none"},
            # It follows links between operations; there are none.
            "phases": {"stateful": {"enabled": False}},
        }
    )
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(settings), config=config, headers=headers)
    wrong: list[str] = []
    done: Counter[str] = Counter()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, (events.NonFatalError, events.FatalError)):
            wrong.append(repr(event))
        if isinstance(event, events.ScenarioFinished):
            done[event.label or ""] += len(event.recorder.interactions)
            for check in (check for checks in event.recorder.checks.values() for check in checks):
                done[check.name] += 1
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    wrong.append(f"{event.label}: {failure.title}: {failure.message}\n{check.failure_info.code_sample}")
    return wrong, done


@pytest.mark.slow
@pytest.mark.parametrize("token", [None, TOKEN])
def test_the_api_is_as_its_schema_says(small_file, tmp_path, token):
    # Its client calls every server "testserver".
    settings = Settings(small_file, hosts=("testserver",), feedback=tmp_path / "log.jsonl", token=token)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    wrong, done = found(settings, headers=headers)
    assert not wrong, "\n\n".join(wrong)
    assert done.keys() >= CHECKS
    for path in ("/v1/predict", "/v1/explain", "/v1/feedback"):
        assert done[f"POST {path}"] > 50
    for path in ("/v1/model", "/v1/labels", "/healthz", "/metrics"):
        assert done[f"GET {path}"] > 5
    assert (tmp_path / "log.jsonl").stat().st_size
