"""Figures for Prometheus. Their labels are methods, patterns of addresses, status and error codes: a few, no text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from slugline import __version__

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "slugline_requests", "Requests answered", ["method", "path", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "slugline_request_seconds",
            "Seconds from a request's first byte to its answer",
            ["path"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._errors = Counter("slugline_errors", "Errors answered", ["code"], registry=self.registry)
        self._articles = Counter("slugline_articles", "Articles worked at", ["path"], registry=self.registry)
        self._answers = Counter("slugline_feedback", "Answers of people kept", registry=self.registry)
        self.inside = Gauge("slugline_requests_in_progress", "Requests being worked at", registry=self.registry)
        self.connections = Gauge("slugline_connections", "Connections that are open", registry=self.registry)
        self._dropped = Counter(
            "slugline_connections_dropped", "Connections closed for a slow caller", ["reason"], registry=self.registry
        )
        self._model = Gauge("slugline_model_info", "The model", ["digest", "version"], registry=self.registry)

    def request(self, method: str, path: str, status: int, seconds: float, error: str | None) -> None:
        """Count one request that was answered, and its error."""
        self._requests.labels(method, path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)
        if error is not None:
            self._errors.labels(error).inc()

    def articles(self, path: str, count: int) -> None:
        """Count articles that were predicted or explained."""
        self._articles.labels(path).inc(count)

    def answer(self) -> None:
        """Count one answer that went to the log."""
        self._answers.inc()

    def dropped(self, reason: str) -> None:
        """Count a connection that was closed: its headers were late ("head"), its caller did not take the answer
        ("unread"), or another one needed its place ("room").
        """
        self._dropped.labels(reason).inc()

    def model(self, digest: str) -> None:
        """Name the model that answers now."""
        self._model.clear()
        self._model.labels(digest, __version__).set(1)

    def text(self) -> bytes:
        """All of it, in Prometheus's text format."""
        return generate_latest(self.registry)
