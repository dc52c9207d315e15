"""The cluster that `--cluster` names: one that is started on this machine, or a scheduler that runs already."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.cluster.storage import EXTRA
from slugline.cluster.tasks import PATIENCE, ClusterError, Remote
from slugline.errors import ConfigError, MissingExtraError

LOCAL = "local"

_ADDRESS = re.compile(r"[a-z0-9+]+://\S+")
_CONNECT_SECONDS = 20


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
        if address == LOCAL:
            stack.enter_context(_quiet())
            client = stack.enter_context(_started(jobs))
        else:
            if address.endswith(".json") and not Path(address).is_file():
                # Dask would wait for it for ever.
                raise ClusterError("no such file", file=address, expected="what dask scheduler --scheduler-file wrote")
            place = {"scheduler_file": address} if address.endswith(".json") else {"address": address}
            connect: Any = Client
            try:
                client = stack.enter_context(connect(**place, timeout=_CONNECT_SECONDS, set_as_default=False))
            except (OSError, TimeoutError, ValueError) as error:
                raise ClusterError("no Dask scheduler answers here", file=address) from error
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


@contextlib.contextmanager
def _started(jobs: int) -> Iterator[Any]:
    import distributed

    start: Any = distributed.LocalCluster
    connect: Any = distributed.Client
    cluster = start(
        n_workers=jobs,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    )
    with cluster, connect(cluster, set_as_default=False) as client:
        yield client


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without Dask's own lines on stderr: what matters is raised as an error."""
    logger = logging.getLogger("distributed")
    level, logger.level = logger.level, logging.CRITICAL
    try:
        yield
    finally:
        logger.setLevel(level)
