from __future__ import annotations

import os
from pathlib import Path

import pytest

from lessons.errors import InvalidInput
from serving.settings import ENVIRONMENT_PREFIX, Settings, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX)]:
        monkeypatch.delenv(name)


def test_the_public_url_follows_host_and_port() -> None:
    assert load_settings(port=8123).public_url == "http://127.0.0.1:8123"
    assert load_settings(host="0.0.0.0", port=81).public_url == "http://127.0.0.1:81"
    assert load_settings(public_url="https://a.example/").public_url == "https://a.example"


def test_the_environment_is_read_and_overrides_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_PORT", "9000")
    monkeypatch.setenv("LECTERN_ICE_SERVERS", "stun:a.example, turn:b.example")
    monkeypatch.setenv("LECTERN_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("LECTERN_DATABASE_URL", "")
    settings = load_settings(port=None)
    assert settings.port == 9000
    assert settings.ice_servers == ["stun:a.example", "turn:b.example"]
    assert settings.log_level == "warning"
    assert settings.database_url is None
    assert load_settings(port=9001).port == 9001


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LECTERN_PORT", "eighty"),
        ("LECTERN_PORT", "70000"),
        ("LECTERN_ADMISSION_LIMIT", "1.5"),
        ("LECTERN_CAPTION_ENGINE", "parrot"),
        ("LECTERN_INGEST_WORKERS", "0"),
    ],
)
def test_a_bad_value_names_its_variable_and_the_fix(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput) as refusal:
        load_settings()
    assert refusal.value.field == name
    assert value in refusal.value.reason
    assert refusal.value.fix


def test_settings_survive_the_way_into_a_child(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parent = load_settings(
        data_dir=tmp_path,
        port=8123,
        ice_servers=["stun:a.example", "turn:b.example"],
        camera_forbidden_regions=["eu", "uk"],
        token_secret="s" * 40,
        caption_model="tiny.en",
        ingest_workers=3,
    )
    for name, value in parent.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == parent


def test_the_signing_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = load_settings(data_dir=tmp_path / "new").signing_secret()
    assert len(first) >= 32
    assert load_settings(data_dir=tmp_path / "new").signing_secret() == first
    assert (tmp_path / "new" / "token_secret").stat().st_mode & 0o077 == 0
    assert load_settings(data_dir=tmp_path / "other").signing_secret() != first


def test_a_configured_secret_is_used_and_never_shown(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, token_secret="a-secret-of-an-operator")
    assert settings.signing_secret() == "a-secret-of-an-operator"
    assert not (tmp_path / "token_secret").exists()
    assert "a-secret" not in repr(settings)


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
