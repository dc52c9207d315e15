"""The cluster that `--cluster` names: one that is started on this machine, or a scheduler that runs already."""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.cluster.storage import EXTRA
from slugline.cluster.tasks import PATIENCE, ClusterError, Remote
from slugline.errors import ConfigError, MissingExtraError
from slugline.logs import silenced

LOCAL = "local"

_ADDRESS = re.compile(r"[a-z0-9+]+://\S+")
_CONNECT_SECONDS = 20
"""How long to wait for a scheduler, at first and when it is lost."""
_CLOSE_AGAIN_SECONDS = 0.5


@contextlib.contextmanager
def open_cluster(address: str, jobs: int = 1, *, patience: float = PATIENCE) -> Iterator[Remote]:
    """Connect to a scheduler (`tcp://host:port`, `tls://...`, or the JSON file that it wrote), or start a cluster.

    `local` starts `jobs` workers of one thread each on this machine, bound to 127.0.0.1, and ends them afterwards; a
    worker that dies is started again. Raises ClusterError where nothing answers, ConfigError for no address,
    MissingExtraError without the extra `cluster`.
    """
    check_address(address)
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError("a Dask cluster", EXTRA) from error
    with contextlib.ExitStack() as stack:
        stack.enter_context(silenced("distributed"))
        place: dict[str, Any] = {"address": address}
        if address == LOCAL:
            place = {"address": _local_cluster(jobs)}
            stack.callback(_close, place["address"])
        elif address.endswith(".json"):
            if not Path(address).is_file():
                # Dask would wait for it for ever.
                raise ClusterError("no such file", file=address, expected="what dask scheduler --scheduler-file wrote")
            place = {"scheduler_file": address}
        connect: Any = Client
        try:
            client = connect(**place, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError("no Dask scheduler answers here", file=address) from error
        stack.callback(_close, client)
        yield Remote(client, address, patience)


def check_address(address: str) -> None:
    """Raise ConfigError unless `address` is one."""
    if address != LOCAL and not address.endswith(".json") and not _ADDRESS.fullmatch(address):
        raise ConfigError(
            "not the address of a Dask scheduler",
            field="cluster",
            found=address,
            expected="local, tcp://HOST:PORT, or the scheduler's JSON file",
        )


def _close(connection: Any) -> None:
    """Close a distributed.Client, also one that has lost its scheduler, or a distributed.LocalCluster.

    Such a client gives up looking for it after `_CONNECT_SECONDS` and closes itself. What waits for an answer ends
    then, so that whoever waited closes it in the same moment, and of two that end one attempt to connect the second
    fails (RuntimeError, "Cannot change state of expiring Timeout"). A moment later there is nothing left to end.
    """
    for _ in range(2):
        # Whatever Dask raises: results and errors are out by now, and neither may be lost for a connection that is of
        # no more use.
        with contextlib.suppress(Exception):
            connection.close()
            return
        time.sleep(_CLOSE_AGAIN_SECONDS)


def _local_cluster(jobs: int) -> Any:
    import distributed

    start: Any = distributed.LocalCluster
    return start(
        n_workers=jobs,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    )
