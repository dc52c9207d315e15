"""Downloads against a server on this computer: good, cut short, refused, absent."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from slugline.corpus import fetch
from slugline.errors import CorpusError

CONTENT = bytes(range(256)) * 1024


class Handler(BaseHTTPRequestHandler):
    """/good with and /chunked without a length; /short stops halfway; /silent never goes on; else 404."""

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404, "Not Found")
            return
        self.send_response(200)
        if self.path != "/nolength":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        whole = self.path in ("/good", "/nolength")
        self.wfile.write(CONTENT if whole else CONTENT[: len(CONTENT) // 2])
        if self.path == "/silent":
            self.server.done.wait(30)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.done = threading.Event()
    thread = threading.Thread(daemon=True, target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.done.set()
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.mark.parametrize(("path", "total"), [("/good", len(CONTENT)), ("/nolength", None)])
def test_good(server, tmp_path, path, total):
    told: list[tuple[int, int | None]] = []
    size = fetch.download(server + path, tmp_path / "x", lambda stage, done, total: told.append((done, total)))
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert size == len(CONTENT)
    assert told[0] == (0, total)
    assert told[-1] == (len(CONTENT), total)
    assert told == sorted(told, key=lambda pair: pair[0])


@pytest.mark.parametrize(
    ("path", "message"), [("/missing", "404 Not Found"), ("/short", r"connection was cut.*expected 262144 bytes")]
)
def test_bad_answers(server, tmp_path, path, message):
    with pytest.raises(CorpusError, match=message) as caught:
        fetch.download(server + path, tmp_path / "x")
    assert caught.value.file == server + path


def test_silence_ends(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT", 0.2)
    with pytest.raises(CorpusError, match=r"cut|timed out"):
        fetch.download(server + "/silent", tmp_path / "x")


def test_nobody_answers(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    with pytest.raises(CorpusError, match="cannot download"):
        fetch.download(f"http://127.0.0.1:{port}/", tmp_path / "x")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/x", "x"])
def test_web_addresses_only(tmp_path, address):
    with pytest.raises(CorpusError, match="not a web address"):
        fetch.download(address, tmp_path / "x")
