"""All configuration: environment variables ``ASSISTANT_*`` and ``.env``, one class.

``python -m assistant.settings README.md`` renews the table of settings there.
"""

import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping
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
    max_question_length: int = Field(2000, ge=100, le=20000, description="一句话最多多少个字")
    log_level: str = Field("WARNING", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="日志级别")


@cache
def load_settings() -> Settings:
    """Read the settings once. Raises SettingsError."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise SettingsError(
            f"设置 {_variable(name)} 的值“{first['input']}”不能用：{_wanted(first)}（{Settings.model_fields[name].description}）"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"读不出 .env（{error}）：请改成 UTF-8 文本文件，每行一项 名字=值") from None
    _warn_of_unknown(os.environ)
    return settings


def _variable(name: str) -> str:
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
    known = {_variable(name) for name in Settings.model_fields}
    for name in variables:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            log.warning("没有 %s 这项设置，已忽略；可用的设置见 README", name)


def settings_table() -> str:
    """The settings as a Markdown table."""
    rows = ["| 变量 | 默认值 | 说明 |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = _plain(field.default)
        rows.append(f"| `{_variable(name)}` | {f'`{default}`' if default else '（空）'} | {field.description} |")
    return "\n".join(rows)


def settings_example() -> str:
    """The settings as ``.env.example`` lists them: every one, commented out, with its default."""
    return "# 复制为 .env，去掉要改的那几行前面的 #\n" + "".join(
        f"\n# {field.description}\n#{_variable(name)}={_plain(field.default)}\n" for name, field in Settings.model_fields.items()
    )


def _plain(default: Any) -> str:
    return str(default.get_secret_value() if isinstance(default, SecretStr) else default)


def with_sections(document: str, sections: Mapping[str, str]) -> str:
    """A document with its generated parts, between ``<!-- name -->`` and ``<!-- /name -->``, written anew."""
    for name, text in sections.items():
        opening, closing = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
        before, _, rest = document.partition(opening)
        _, found, after = rest.partition(closing)
        if not found:
            raise ValueError(f"no section {name}")
        document = before + opening + text + closing + after
    return document


def main(paths: list[str]) -> None:
    """Renew the settings table in the given documents, and ``.env.example`` beside the first."""
    for path in map(Path, paths):
        path.write_text(with_sections(path.read_text("utf-8"), {"settings": settings_table()}), "utf-8")
        path.with_name(".env.example").write_text(settings_example(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
