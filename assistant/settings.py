"""All configuration: environment variables ``ASSISTANT_*`` and ``.env``, one class."""

from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting that cannot be used: one Chinese line that names it and says how to mend it."""


class Settings(BaseSettings):
    """Every setting with its default; the README lists them."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", env_file=".env", extra="ignore")

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
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "ASSISTANT_" + "_".join(str(part) for part in first["loc"]).upper()
        about = Settings.model_fields[str(first["loc"][0])].description
        raise SettingsError(f"设置 {name} 的值「{first['input']}」不能用（{about}）：{first['msg']}") from None
