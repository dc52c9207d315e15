"""What the routes of one server share."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from slugline.serve.metrics import Metrics
from slugline.serve.model import Served
from slugline.serve.settings import Settings
from slugline.serve.work import Work


@dataclass(frozen=True, slots=True)
class State:
    """Settings, model, threads and figures of a server; `state_of(request)` in a route.

    What takes some hundredths of a second at most is done in the threads of `quick`, all else in those of `work`: who
    asks for little does not wait behind who asks for much.
    """

    settings: Settings
    served: Served
    work: Work
    quick: Work
    metrics: Metrics


def state_of(request: Request) -> State:
    """The state of the server that got `request`."""
    found: State = request.app.state.slugline
    return found
