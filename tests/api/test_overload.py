"""More requests than a server can take: some are answered, the others are told to come back, nobody waits for ever."""

from __future__ import annotations

import json
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from api.asked import assert_error, sent
from api.served import POSIX, begun, one_answer
from slugline.serve.asking import QUICK

LONG = {"title": "a", "body": "Rebels seize Aleppo. " * (QUICK // 20)}


class Held:
    """A predictor that keeps the threads that call it until it is let go."""

    def __init__(self, predictor, threads: int) -> None:
        self.predictor, self.let_go, self.held = predictor, threading.Event(), threading.Barrier(threads + 1)

    def __getattr__(self, name):
        return getattr(self.predictor, name)

    def predict_lines(self, articles, **options):
        if not self.let_go.is_set():
            self.held.wait(60)
            assert self.let_go.wait(60)
        return self.predictor.predict_lines(articles, **options)


def hold(client, threads: int) -> Held:
    served = client.app.state.slugline.served
    served.predictor = Held(served.predictor, threads)
    return served.predictor


def test_who_waits_too_long_for_a_thread_is_told_to_come_back(make_client):
    client = make_client(limits={"threads": 1, "wait": 0.2})
    held = hold(client, 1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/v1/predict", json=LONG)
        held.held.wait(60)
        answer = client.post("/v1/predict", json=LONG)
        assert_error(answer, 503, "busy", "0.2 s")
        assert int(answer.headers["retry-after"]) >= 1
        held.let_go.set()
        assert first.result().status_code == 200
    # The thread is free again, though somebody stopped waiting for it.
    assert client.post("/v1/predict", json=LONG).status_code == 200


def test_who_asks_for_little_does_not_wait_behind_who_asks_for_much(make_client):
    client = make_client(limits={"threads": 2}, feedback=None)
    held = hold(client, 2)
    with ThreadPoolExecutor(2) as pool:
        many = [pool.submit(client.post, "/v1/predict", json=[LONG, LONG]) for _ in range(2)]
        held.held.wait(60)
        assert client.get("/v1/labels?q=s").status_code == 200
        client.app.state.slugline.served.predictor = held.predictor
        assert client.post("/v1/predict", json=sent()).status_code == 200
        held.let_go.set()
        assert [one.result().status_code for one in many] == [200, 200]


def test_a_thread_of_a_request_that_was_given_up_is_free_when_it_has_stopped_and_not_before(make_client):
    client = make_client(limits={"threads": 1, "wait": 0.3, "seconds": 1.0})
    held = hold(client, 1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/v1/predict", json=LONG)
        held.held.wait(60)
        assert_error(first.result(), 504, "timeout")
    assert_error(client.post("/v1/predict", json=LONG), 503, "busy", "waited")
    held.let_go.set()
    assert_free(client)


def assert_free(client) -> None:
    while client.post("/v1/predict", json=LONG).status_code == 503:
        pass
    assert client.post("/v1/predict", json=LONG).status_code == 200


def test_the_page_says_so_too(make_client):
    client = make_client(limits={"threads": 1, "wait": 0.1})
    held = hold(client, 1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/v1/predict", json=LONG)
        held.held.wait(60)
        answer = client.post("/", data={"title": "Rebels"}, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "too busy" in answer.text.lower()
        held.let_go.set()
        assert first.result().status_code == 200


@POSIX
def test_what_comes_all_at_once_is_answered_or_told_to_come_back(start):
    """A process with a queue of two; every caller has an answer, and the server's own figures agree."""
    server = start("--max-requests", "2", "--threads", "1")
    body = json.dumps([LONG | {"id": str(number)} for number in range(50)]).encode()
    with ExitStack() as stack:
        callers = [stack.enter_context(server.connect()) for _ in range(12)]
        server.process.send_signal(signal.SIGSTOP)
        threads = [threading.Thread(daemon=True, target=caller.sendall, args=(begun(body),)) for caller in callers]
        for thread in threads:
            thread.start()
        server.process.send_signal(signal.SIGCONT)
        assert server.ask("GET", "/healthz") == (200, {"status": "ok"})
        answers = [one_answer(caller) for caller in callers]
        for thread in threads:
            thread.join()
    statuses = [status for status, _, _ in answers]
    assert set(statuses) == {200, 503}
    assert all(headers["retry-after"] == "1" for status, headers, _ in answers if status == 503)
    assert all(len(json.loads(found)) == 50 for status, _, found in answers if status == 200)
    asked = 'slugline_requests_total{{method="POST",path="/v1/predict",status="{}"}}'
    assert [server.figure(asked.format(status)) for status in (200, 503)] == [
        statuses.count(200),
        statuses.count(503),
    ]
    assert server.end() == 0
