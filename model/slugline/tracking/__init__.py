"""Tracked runs: MLflow behind seven functions. No other package knows MLflow."""

from slugline.tracking.reading import PARENT, RunDetail, RunSummary, get_run, list_runs
from slugline.tracking.writing import Run, check_store, log_files, log_run, mark_killed, start_run

__all__ = [
    "PARENT",
    "Run",
    "RunDetail",
    "RunSummary",
    "check_store",
    "get_run",
    "list_runs",
    "log_files",
    "log_run",
    "mark_killed",
    "start_run",
]
