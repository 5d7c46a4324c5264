"""The real service on a loopback port, in a thread of this process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr

from assistant.channels.serve import address_of, build_service, listen
from assistant.service import Assistant
from assistant.settings import Settings

KEY, OTHER_KEY = "first-key-of-the-tests", "second-key-of-the-tests"
DAY = "2025-09-01"
QUESTION = "我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？"
FOLLOW_UP = "那如果是8个呢"
REFUND = {"employer_type": "企业", "firm_size": "小微企业", "layoffs": "不裁员", "last_year_total": 100000}


def settings_with(data_dir: Any, keys: str = f"{KEY},{OTHER_KEY}", **changes: Any) -> Settings:
    """Settings for a service: two keys, and as many requests as the tests make."""
    return Settings(data_dir=data_dir, api_keys=SecretStr(keys), **{"api_rate": 100_000, **changes})


@contextmanager
def serving(assistant: Assistant) -> Iterator[str]:
    """Serve an assistant; yields the address."""
    with listen("127.0.0.1", 0) as door:
        config = uvicorn.Config(build_service(assistant).app, log_level="critical", lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.02)
            yield address_of(door)
        finally:
            server.should_exit = True
            thread.join(20)


def client_of(address: str, key: str | None = KEY) -> httpx.Client:
    """A client that names its key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=address, headers=headers, timeout=30)


def is_problem(response: httpx.Response, status: int, *words: str) -> dict[str, Any]:
    """Assert RFC 9457 in Chinese with these words, and no word of the machinery; the details."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    details: dict[str, Any] = response.json()
    assert details["status"] == status and details["type"] == "about:blank" and details["code"]
    assert any("\u4e00" <= character <= "\u9fff" for character in details["title"])
    assert all(word in details["detail"] for word in words), details["detail"]
    assert "Traceback" not in response.text and "Error" not in response.text
    return details
