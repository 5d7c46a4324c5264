"""Messages that we send of our own accord: the customer-service API of WeChat, the application messages of WeCom.

Standard library only, on purpose: HTTP clients log addresses, and the platform wants the access token in the address.
"""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from filelock import FileLock, Timeout

from assistant.channels.wechat_store import MessageStore

TIMEOUT = 5.0
"""Seconds that one call may take."""

_BAD_TOKEN = (40001, 40014, 42001)
_BUSY = -1
log = logging.getLogger(__name__)


class SendFailed(Exception):
    """A message was not sent, or nobody knows whether it was. Its text names the reason, never the receiver."""


class MessageApi:
    """Sends texts with an access token that all processes share."""

    def __init__(self, account: str, base: str, store: MessageStore, data_dir: Path) -> None:
        self._account, self._base, self._store = account, base.rstrip("/"), store
        self._lock = data_dir / f"access_token.{account.split(':')[0]}.lock"

    def _fetch(self, renew: bool) -> dict[str, Any]:
        """Ask the platform for an access token."""
        raise NotImplementedError

    def _message(self, receiver: str, text: str) -> tuple[str, dict[str, Any]]:
        """Path and body of the call that sends a text."""
        raise NotImplementedError

    def send(self, receiver: str, text: str) -> None:
        """Send a text of at most 2,048 bytes. Raises SendFailed."""
        path, body = self._message(receiver, text)
        token = self._token()
        for last in (False, True):
            code = self._call(f"{path}?{urlencode({'access_token': token})}", body).get("errcode", 0)
            if code == 0:
                return
            if last or code not in (*_BAD_TOKEN, _BUSY):
                raise SendFailed(f"errcode {code}")
            if code in _BAD_TOKEN:
                token = self._token(refused=token)

    def _token(self, refused: str = "") -> str:
        """The access token, fetched by one process for all; not the one that the platform has ``refused``."""
        token = self._store.access_token(self._account)
        if token and token != refused:
            return token
        try:
            with FileLock(self._lock, timeout=2 * TIMEOUT):
                token = self._store.access_token(self._account)
                if token and token != refused:
                    return token
                found = self._fetch(renew=bool(refused))
                if not isinstance(found.get("access_token"), str):
                    raise SendFailed(f"access_token: errcode {found.get('errcode')}")
                self._store.keep_access_token(self._account, found["access_token"], float(found.get("expires_in", 7200)))
                return str(found["access_token"])
        except Timeout:
            raise SendFailed("access_token: 等别的进程太久") from None

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The platform's reply to a call; a body makes it a POST."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json; charset=utf-8"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                found = json.loads(response.read(100_000))
        except urllib.error.HTTPError as error:
            error.close()
            raise SendFailed(f"HTTP {error.code}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise SendFailed(type(error).__name__) from None
        if not isinstance(found, dict):
            raise SendFailed("不是 JSON 对象")
        return found


class CustomerServiceApi(MessageApi):
    """客服消息 of an Official Account: allowed for 48 hours after a person's message."""

    def __init__(self, base: str, app_id: str, secret: Callable[[], str], store: MessageStore, data_dir: Path) -> None:
        super().__init__(f"wechat:{app_id}", base, store, data_dir)
        self._app_id, self._secret = app_id, secret

    def _fetch(self, renew: bool) -> dict[str, Any]:
        # The stable token survives other programs' fetching theirs, and keeps the secret out of the address.
        return self._call(
            "/cgi-bin/stable_token",
            {
                "grant_type": "client_credential", "appid": self._app_id, "secret": self._secret(), "force_refresh": renew,
            },
        )

    def _message(self, receiver: str, text: str) -> tuple[str, dict[str, Any]]:
        return "/cgi-bin/message/custom/send", {"touser": receiver, "msgtype": "text", "text": {"content": text}}


class ApplicationMessageApi(MessageApi):
    """应用消息 of WeCom."""

    def __init__(
        self, base: str, corp_id: str, agent: int, secret: Callable[[], str], store: MessageStore, data_dir: Path
    ) -> None:
        super().__init__(f"wecom:{corp_id}:{agent}", base, store, data_dir)
        self._corp_id, self._agent, self._secret = corp_id, agent, secret

    def _fetch(self, renew: bool) -> dict[str, Any]:
        return self._call(f"/cgi-bin/gettoken?{urlencode({'corpid': self._corp_id, 'corpsecret': self._secret()})}")

    def _message(self, receiver: str, text: str) -> tuple[str, dict[str, Any]]:
        body = {"touser": receiver, "msgtype": "text", "agentid": self._agent, "text": {"content": text}}
        return "/cgi-bin/message/send", body
