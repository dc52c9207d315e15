"""The whole API against its own OpenAPI, by Schemathesis: made-up requests, sound and unsound, a fixed number of them.

It finds errors of the server, answers that are not as described, sound requests that are refused and unsound ones that
are taken.
"""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install 'slugline[dev]'")

from slugline.serve.app import create_app  # noqa: E402
from slugline.serve.settings import Settings  # noqa: E402

EXAMPLES = 60
"""Made-up requests for each address and method, besides those of the schema's corners."""


@pytest.fixture(scope="module")
def api(small_file, tmp_path_factory):
    log = tmp_path_factory.mktemp("feedback") / "log.jsonl"
    # Its client calls every server so.
    settings = Settings(small_file, hosts=("testserver",), feedback=log)
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(settings))


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
def test_the_api_is_as_its_schema_says(case):
    case.call_and_validate()
