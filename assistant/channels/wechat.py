"""WeChat Official Account (公众号): the callback at ``/wechat``."""

from collections.abc import Mapping

from fastapi import APIRouter

from assistant.channels.wechat_api import CustomerServiceApi
from assistant.channels.wechat_callback import callback_router, codec_for, store_for
from assistant.channels.wechat_codec import Codec, Refused
from assistant.channels.wechat_desk import Desk
from assistant.service import Assistant
from assistant.settings import Settings, variable_name

PATH = "/wechat"


def missing(settings: Settings) -> list[str]:
    """The variables that must be set before the channel can be on."""
    lacking = [] if settings.wechat_token.get_secret_value() else ["wechat_token"]
    needs_id = settings.wechat_aes_key.get_secret_value() or settings.wechat_app_secret.get_secret_value()
    if needs_id and not settings.wechat_app_id:
        lacking.append("wechat_app_id")
    return [variable_name(name) for name in lacking]


def router(assistant: Assistant, settings: Settings) -> APIRouter:
    """The callback. Raises SettingsError when the encryption key cannot be used."""
    token, key = settings.wechat_token.get_secret_value(), settings.wechat_aes_key.get_secret_value()
    codec = codec_for("wechat_aes_key", token, key, settings.wechat_app_id)
    store = store_for(settings)
    secret = settings.wechat_app_secret
    api = CustomerServiceApi(
        settings.wechat_api_url, settings.wechat_app_id, secret.get_secret_value, store, settings.data_dir
    )
    desk = Desk("wechat", assistant, settings, store, api.send if secret.get_secret_value() else None)

    def close() -> None:
        desk.close()
        store.close()

    return callback_router(PATH, "公众号", codec, _handshake, desk, close)


def _handshake(codec: Codec, query: Mapping[str, str]) -> str:
    """WeChat's first request: it wants its ``echostr`` back."""
    codec.check(query.get("signature", ""), query.get("timestamp", ""), query.get("nonce", ""))
    echo = query.get("echostr", "")
    if not echo or len(echo) > 256:
        raise Refused(400, "没有可用的 echostr")
    return echo
