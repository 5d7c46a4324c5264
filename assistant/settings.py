"""All configuration: environment variables ``ASSISTANT_*`` and ``.env``, one class."""

import logging
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ASSISTANT_"
log = logging.getLogger(__name__)


class SettingsError(Exception):
    """A setting that cannot be used: one Chinese line that names it and says how to mend it."""


class Settings(BaseSettings):
    """Every setting with its default; the README lists them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8-sig", extra="ignore", protected_namespaces=()
    )

    data_dir: Path = Field(Path("data"), description="索引、会话等数据所在的文件夹")
    embedding_model: str = Field("", description="sentence-transformers 模型名或文件夹；空：用自带的模型")
    chroma_url: str = Field("", description="Chroma 服务器地址，如 http://127.0.0.1:8000；空：用本机文件")
    model: str = Field("", description="语言模型，init_chat_model 写法，如 openai:qwen3；空：用自带的离线模型")
    model_base_url: str = Field("", description="语言模型服务器地址")
    model_api_key: SecretStr = Field(SecretStr(""), description="语言模型服务器的密钥")
    model_timeout: float = Field(60, gt=0, le=3600, description="一次回答最多等多少秒，之后改由自带的模型回答")
    host: str = Field("127.0.0.1", description="网页监听的地址")
    port: int = Field(7860, ge=0, le=65535, description="网页监听的端口")
    api_keys: SecretStr = Field(SecretStr(""), description="HTTP 接口和 MCP 的密钥，多个用逗号隔开；空：只有本机能用，不需要密钥")
    api_rate: int = Field(120, ge=1, le=100_000, description="每个密钥（没有密钥时每个地址）每分钟最多多少次请求")
    keep_days: int = Field(30, ge=1, le=3650, description="多少天没有接着说的对话就忘掉")
    max_question_length: int = Field(2000, ge=100, le=20000, description="一句话最多多少个字")
    log_level: str = Field("WARNING", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="日志级别")
    public_url: str = Field("", description="网页对外的网址，如 https://zc.example.cn；写进公众号、企业微信的答复；空：不写")
    reply_within: float = Field(4.5, gt=0, le=4.5, description="公众号、企业微信最多等多少秒就先答复（平台的上限是5秒）")
    reply_threads: int = Field(0, ge=0, le=128, description="公众号、企业微信各自同时处理多少个问题；0：自带的模型2个，语言模型16个")
    wechat_token: SecretStr = Field(SecretStr(""), description="公众号服务器配置的令牌 Token；空：不开公众号")
    wechat_aes_key: SecretStr = Field(SecretStr(""), description="公众号消息加解密密钥 EncodingAESKey，43位；空：明文模式")
    wechat_app_id: str = Field("", description="公众号 AppID；有加解密密钥或 AppSecret 时要填")
    wechat_app_secret: SecretStr = Field(SecretStr(""), description="公众号 AppSecret，用来主动发出晚到的答复；空：用户回复“继续”时再给")
    wechat_api_url: str = Field("https://api.weixin.qq.com", description="公众号接口的地址")
    wecom_token: SecretStr = Field(SecretStr(""), description="企业微信应用接收消息的 Token；空：不开企业微信")
    wecom_aes_key: SecretStr = Field(SecretStr(""), description="企业微信应用接收消息的 EncodingAESKey，43位")
    wecom_corp_id: str = Field("", description="企业微信的企业ID（CorpID）")
    wecom_agent_id: int = Field(0, ge=0, description="企业微信应用的 AgentId；主动发出晚到的答复时要填")
    wecom_secret: SecretStr = Field(SecretStr(""), description="企业微信应用的 Secret，用来主动发出晚到的答复；空：用户回复“继续”时再给")
    wecom_api_url: str = Field("https://qyapi.weixin.qq.com", description="企业微信接口的地址")


@cache
def load_settings() -> Settings:
    """Read the settings once. Raises SettingsError."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise SettingsError(
            f"设置 {variable_name(name)} 的值“{first['input']}”不能用：{_wanted(first)}（{Settings.model_fields[name].description}）"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"读不出 .env（{error}）：请改成 UTF-8 文本文件，每行一项 名字=值") from None
    _warn_of_unknown(os.environ)
    return settings


def variable_name(name: str) -> str:
    """ASSISTANT_PORT for port."""
    return PREFIX + name.upper()


def _wanted(error: Any) -> str:
    """What a value should have been, for the kinds of checks that the settings use."""
    limits: dict[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "int_type" | "int_from_float":
            return "要填整数"
        case "float_parsing" | "float_type":
            return "要填数"
        case "greater_than" | "greater_than_equal":
            return f"要{'大于' if 'gt' in limits else '不小于'} {limits.get('gt', limits.get('ge'))}"
        case "less_than" | "less_than_equal":
            return f"要{'小于' if 'lt' in limits else '不大于'} {limits.get('lt', limits.get('le'))}"
        case "string_pattern_mismatch":
            return "可填 " + "、".join(re.findall(r"\w+", limits["pattern"]))
    return "请检查写法"


def _warn_of_unknown(variables: Iterable[str]) -> None:
    """A misspelt name changes nothing, and nobody would notice."""
    known = {variable_name(name) for name in Settings.model_fields}
    for name in variables:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            log.warning("没有 %s 这项设置，已忽略；可用的设置见 README", name)
