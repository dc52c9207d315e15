"""Who may call: hosts, other web sites, tokens; and what every answer keeps browsers from."""

from __future__ import annotations

import base64

import pytest

from api.asked import assert_error, sent
from slugline.errors import ConfigError
from slugline.serve.settings import Settings, is_local

TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000"])
def test_a_local_server_is_called_by_its_names(client, host):
    assert client.get("/v1/model", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "", "a:b:c", "[::1", "0.0.0.0"]
)
def test_a_local_server_is_not_called_by_other_names(client, host):
    for path in ("/v1/model", "/healthz", "/nothing"):
        assert_error(client.get(path, headers={"Host": host}), 421, "unknown_host", "--allow-host", field="Host")


def test_names_can_be_allowed(make_client):
    client = make_client(hosts=("News.example",))
    assert client.get("/v1/model", headers={"Host": "news.example"}).status_code == 200
    assert client.get("/v1/model", headers={"Host": "127.0.0.1"}).status_code == 200
    assert client.get("/v1/model", headers={"Host": "other.example"}).status_code == 421


def test_a_server_for_others_is_called_by_any_name_with_the_token(make_client):
    client = make_client(host="0.0.0.0", token=TOKEN)
    headers = {"Host": "news.example", "Authorization": f"Bearer {TOKEN}"}
    assert client.get("/v1/model", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[evil"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"}, 403),
    ],
)
def test_other_web_sites_change_nothing(client, headers, status):
    assert client.post("/v1/predict", json=sent(), headers=headers).status_code == status
    assert client.get("/v1/model", headers=headers).status_code == 200


def test_no_answer_may_be_read_by_other_sites(client):
    answer = client.options(
        "/v1/predict", headers={"Origin": "http://x.example", "Access-Control-Request-Method": "POST"}
    )
    assert not [name for name in answer.headers if name.startswith("access-control")]


def basic(user: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}", f"bearer  {TOKEN}", basic("anna", TOKEN), basic("", TOKEN)])
def test_the_token_opens_everything(make_client, given):
    client = make_client(token=TOKEN)
    for path in ("/v1/model", "/v1/labels", "/metrics", "/openapi.json"):
        assert client.get(path, headers={"Authorization": given}).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        TOKEN,
        "Bearer",
        "Bearer x",
        f"Bearer {TOKEN}x",
        f"Digest {TOKEN}",
        "Basic !",
        basic(TOKEN, "x"),
        "Bearer é",
    ],
)
def test_nothing_else_opens_anything_but_healthz(make_client, given):
    client = make_client(token=TOKEN)
    headers = {} if given is None else {"Authorization": given.encode()}
    for path in ("/v1/model", "/v1/labels", "/metrics", "/openapi.json", "/nothing"):
        answer = client.get(path, headers=headers)
        assert_error(answer, 401, "unauthorized", field="Authorization")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert_error(client.post("/v1/predict", json=sent(), headers=headers), 401, "unauthorized", field="Authorization")
    assert client.get("/healthz", headers=headers).status_code == 200


def test_a_browser_is_asked_for_name_and_password(make_client):
    answer = make_client(token=TOKEN).get("/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.headers["www-authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("path", ["/healthz", "/v1/model", "/nothing", "/openapi.json"])
def test_every_answer_has_strict_headers(make_client, path):
    for client in (make_client(), make_client(token=TOKEN)):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"


def test_an_address_that_others_reach_needs_a_token(small_file):
    for host in ("0.0.0.0", "::", "192.168.1.5", "news.example"):
        with pytest.raises(ConfigError, match="without a token"):
            Settings(small_file, host).check()
        Settings(small_file, host).check(no_token=True)
        Settings(small_file, host, token=TOKEN).check()
    Settings(small_file).check()


@pytest.mark.parametrize("token", ["short", "", "a" * 15, "with\nlines and more of them", "ümlaut-of-some-length"])
def test_a_token_that_is_none_is_refused_and_not_shown(small_file, token):
    with pytest.raises(ConfigError) as caught:
        Settings(small_file, token=token).check()
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "local"), [("127.0.0.1", 1), ("127.8.8.8", 1), ("::1", 1), ("localhost", 1), ("", 0), ("::", 0)]
)
def test_addresses_of_this_computer(host, local):
    assert is_local(host) == bool(local)
