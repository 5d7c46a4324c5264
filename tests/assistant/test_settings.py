"""Settings come from the environment and .env; a wrong one is one line."""

from pathlib import Path

import pytest

from assistant.settings import Settings, SettingsError, load_settings


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\ufeffASSISTANT_PORT=8001\nASSISTANT_HOST=0.0.0.0\n", "utf-8")
    monkeypatch.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))
    monkeypatch.setenv("ASSISTANT_PORT", "8002")
    assert (load_settings().port, load_settings().host) == (8002, "0.0.0.0")


def test_a_file_that_is_no_text_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"ASSISTANT_PORT=\xff\xfe")
    monkeypatch.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("PORT", "-1", "不小于 0"),
        ("PORT", "80.5", "要填整数"),
        ("MODEL_TIMEOUT", "soon", "要填数"),
        ("MODEL_TIMEOUT", "5000", "不大于 3600"),
        ("MAX_QUESTION_LENGTH", "1", "不小于 100"),
    ],
)
def test_a_wrong_value_names_the_setting_and_what_it_may_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str
) -> None:
    monkeypatch.setenv(f"ASSISTANT_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f"ASSISTANT_{name}" in str(caught.value) and value in str(caught.value) and hint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_is_never_shown() -> None:
    assert "hunter2" not in repr(Settings(model_api_key="hunter2"))
