"""Starts `slugline serve` on the model in the current folder, asks it everything once, and ends it.

    python tests/network/visit.py

For a process that is alone with its server, such as one in a network namespace. Exits with 1 if an answer is not good.
"""

from __future__ import annotations

import http.client
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.served import Server

ARTICLE = {"title": "Rebels take a town", "body": "The army said on Monday that rebels took the town."}


def main() -> None:
    """Ask and end."""
    server = Server(Path.cwd(), "--feedback", "feedback.jsonl")
    codes = [server.ask("GET", path)[0] for path in ("/healthz", "/v1/model", "/v1/labels", "/openapi.json")]
    codes += [server.ask("POST", path, ARTICLE)[0] for path in ("/v1/predict", "/v1/explain")]
    for path in ("/", "/metrics"):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", path)
        codes.append(connection.getresponse().status)
        connection.close()
    ended = server.end()
    print(codes, ended)
    sys.exit(ended or codes != [200] * len(codes))


if __name__ == "__main__":
    main()
