"""WeCom (企业微信), for staff: the callback of an application at ``/wecom``. Its messages are always encrypted."""

from collections.abc import Mapping

from fastapi import APIRouter

from assistant.channels.wechat_api import ApplicationMessageApi
from assistant.channels.wechat_callback import callback_router, codec_for, store_for
from assistant.channels.wechat_codec import Codec
from assistant.channels.wechat_desk import Desk
from assistant.service import Assistant
from assistant.settings import Settings, variable_name

PATH = "/wecom"


def missing(settings: Settings) -> list[str]:
    """The variables that must be set before the channel can be on."""
    needed = {
        "wecom_token": settings.wecom_token.get_secret_value(), "wecom_aes_key": settings.wecom_aes_key.get_secret_value(),
        "wecom_corp_id": settings.wecom_corp_id,
    }
    return [variable_name(name) for name, value in needed.items() if not value]


def router(assistant: Assistant, settings: Settings) -> APIRouter:
    """The callback. Raises SettingsError when the encryption key cannot be used."""
    token, key = settings.wecom_token.get_secret_value(), settings.wecom_aes_key.get_secret_value()
    codec = codec_for("wecom_aes_key", token, key, settings.wecom_corp_id)
    store = store_for(settings)
    secret = settings.wecom_secret
    api = ApplicationMessageApi(
        settings.wecom_api_url, settings.wecom_corp_id, settings.wecom_agent_id, secret.get_secret_value, store,
        settings.data_dir,
    )
    sends = bool(secret.get_secret_value() and settings.wecom_agent_id)
    desk = Desk("wecom", assistant, settings, store, api.send if sends else None)

    def close() -> None:
        desk.close()
        store.close()

    return callback_router(PATH, "企业微信", codec, _handshake, desk, close)


def _handshake(codec: Codec, query: Mapping[str, str]) -> str:
    """WeCom's first request: it wants to hear what is inside its encrypted ``echostr``."""
    echo = query.get("echostr", "")
    codec.check(query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", ""), echo)
    return codec.decrypt(echo)
