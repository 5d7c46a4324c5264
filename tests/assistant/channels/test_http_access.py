"""Keys, rates and what belongs to whom."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers

from assistant.channels.http_access import Access, RateLimit, host_of, is_loopback
from assistant.channels.http_problems import Problem
from assistant.service import Assistant
from tests.assistant.channels.serving import (
    DAY,
    FOLLOW_UP,
    KEY,
    OTHER_KEY,
    QUESTION,
    client_of,
    is_problem,
    serving,
    settings_with,
)


@pytest.fixture
def serve(data_dir: Path) -> Iterator[Any]:
    """Start a service with these settings, for one test."""
    with ExitStack() as open_ones:
        def start(**changes: Any) -> str:
            assistant = Assistant(settings_with(data_dir, **changes))
            open_ones.callback(assistant.close)
            return open_ones.enter_context(serving(assistant))

        yield start


PATHS = ["/v1/tools", "/v1/clauses/1", "/v1/search?q=1", "/v1/nothing", "/mcp"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_key_nothing_is_answered(service_address: str, path: str) -> None:
    with client_of(service_address, key=None) as nobody:
        response = nobody.get(path)
        is_problem(response, 401, "Bearer")
        assert response.headers["www-authenticate"] == "Bearer"
    with client_of(service_address, key=KEY[:-1]) as guesser:
        is_problem(guesser.get(path), 401, "密钥")


def test_a_key_in_its_own_header(service_address: str) -> None:
    assert httpx.get(f"{service_address}/v1/tools", headers={"X-API-Key": KEY}).status_code == 200
    is_problem(httpx.get(f"{service_address}/v1/tools", headers={"Authorization": f"Basic {KEY}"}), 401)
    is_problem(httpx.get(f"{service_address}/v1/tools", headers={"Authorization": "Bearer 密钥".encode()}), 401)


def test_a_key_reaches_no_session_of_another(service_address: str) -> None:
    body = {"as_of": DAY, "session": "the same name"}
    with client_of(service_address, KEY) as one, client_of(service_address, OTHER_KEY) as other:
        one.post("/v1/ask", json={**body, "question": QUESTION})
        heard = other.post("/v1/ask", json={**body, "question": FOLLOW_UP}).json()
        assert "12000" not in heard["text"] and heard["session"] == "the same name"
        assert "12000" in one.post("/v1/ask", json={**body, "question": FOLLOW_UP}).json()["text"]


def test_without_keys_only_this_machine_is_served(serve: Any) -> None:
    address = serve(keys="")
    with client_of(address, key=None) as local:
        assert local.get("/v1/tools").status_code == 200
        # A page of somebody else's whose name was made to point here
        is_problem(local.get("/v1/tools", headers={"Host": "pages.example"}), 403, "ASSISTANT_API_KEYS")
        is_problem(local.post("/mcp", headers={"Host": "pages.example"}, json={}), 403)
        # What a proxy on this machine passes on from somewhere else
        is_problem(local.get("/v1/tools", headers={"X-Forwarded-For": "203.0.113.5"}), 403)
        is_problem(local.get("/v1/tools", headers={"Forwarded": "for=203.0.113.5"}), 403)


def test_without_keys_an_open_address_serves_nobody(data_dir: Path) -> None:
    access = Access(settings_with(data_dir, keys="", host="0.0.0.0"))
    assert access.closed
    with pytest.raises(Problem) as refused:
        access.caller(Headers({"host": "127.0.0.1:7860"}))
    assert refused.value.code == "closed"


def test_empty_entries_are_no_keys(data_dir: Path) -> None:
    access = Access(settings_with(data_dir, keys=" , ,"))
    assert access.open and access.caller(Headers({"host": "localhost"})) == "local"
    with pytest.raises(Problem):
        Access(settings_with(data_dir, keys="a,,b")).caller(Headers({"authorization": "Bearer "}))


def test_too_many_requests_are_told_when_to_come_again(serve: Any) -> None:
    address = serve(api_rate=5)
    with client_of(address, KEY) as one, client_of(address, OTHER_KEY) as other:
        assert [one.get("/v1/clauses").status_code for _ in range(5)] == [200] * 5
        refused = one.get("/v1/clauses")
        is_problem(refused, 429, "每分钟最多 5 次")
        assert 1 <= int(refused.headers["retry-after"]) <= 12
        assert other.get("/v1/clauses").status_code == 200, "another's key has its own share"
        assert one.get("/healthz").status_code == 200
    with client_of(address, "guess") as guesser:
        codes = [guesser.get("/v1/clauses").status_code for _ in range(6)]
    assert codes == [401] * 5 + [429], "guessing keys has a limit too"


def test_a_share_fills_up_again() -> None:
    clock = [0.0]
    limit = RateLimit(60, lambda: clock[0])
    for _ in range(60):
        limit.take("a")
    with pytest.raises(Problem) as refused:
        limit.take("a")
    assert refused.value.headers == {"Retry-After": "1"}
    clock[0] = 1.0
    limit.take("a")
    with pytest.raises(Problem):
        limit.take("a")
    clock[0] = 10_000.0
    for _ in range(60):
        limit.take("a")
    with pytest.raises(Problem):
        limit.take("a")


def test_callers_without_end_take_no_memory_without_end() -> None:
    limit = RateLimit(1)
    for number in range(10_500):
        limit.take(str(number))
    assert len(limit._left) == 10_000


@pytest.mark.parametrize(
    ("header", "loopback"),
    [
        ("127.0.0.1:7860", True), ("localhost", True), ("LOCALHOST:1", True), ("[::1]:7860", True), ("[::1]", True),
        ("127.0.0.1.evil.example", False), ("localhost.evil.example:7860", False), ("", False), ("10.0.0.1", False),
        ("0.0.0.0:7860", False), ("evil.example:7860", False),
    ],
)
def test_which_names_are_this_machine(header: str, loopback: bool) -> None:
    assert is_loopback(host_of(header)) == loopback


def test_keys_are_in_no_log(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    address = serve()
    with caplog.at_level(logging.DEBUG), client_of(address, "guessed-wrong") as guesser, client_of(address) as known:
        guesser.get("/v1/tools")
        known.post("/v1/ask", json={"question": QUESTION})
    assert "guessed-wrong" not in caplog.text and KEY not in caplog.text
