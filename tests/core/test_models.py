"""Which tier serves, and the bounded cache."""

import threading
import time
from pathlib import Path

import pytest

from core import models
from core.errors import UserError


@pytest.fixture(autouse=True)
def _plain_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SYNTHESETE_TIER", "SYNTHESETE_IMAGE_MODEL", "SYNTHESETE_MUSIC_MODEL", "SPACE_ID", "ACCELERATOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("job", ["image", "music"])
def test_each_setting_chooses_its_tier(job: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SYNTHESETE_TIER", "bundled")
    assert models.resolve(job).is_directory
    monkeypatch.setenv("SYNTHESETE_TIER", "full")
    full = models.resolve(job)
    assert (full.tier, len(full.revision)) == ("full", 40)
    monkeypatch.setenv(f"SYNTHESETE_{job.upper()}_MODEL", str(tmp_path))
    assert models.resolve(job).where == str(tmp_path)


def test_auto_takes_the_full_tier_only_where_it_is_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_is_cached", lambda job: False)
    assert models.resolve("image").tier == "bundled"
    monkeypatch.setenv("SPACE_ID", "someone/synthesete")
    monkeypatch.setenv("ACCELERATOR", "t4-small")
    assert models.resolve("image").tier == "full"
    monkeypatch.delenv("SPACE_ID")
    monkeypatch.setattr(models, "_is_cached", lambda job: job == "music")
    assert [models.resolve(job).tier for job in ("image", "music")] == ["bundled", "full"]


def test_an_unknown_tier_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHESETE_TIER", "golden")
    with pytest.raises(UserError, match="auto, bundled or full"):
        models.resolve("image")


def test_the_cache_forgets_the_least_recently_used() -> None:
    cache = models.Cache(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda key=key: key.upper())
    assert cache.names() == ["a", "c"]


def test_two_callers_load_once() -> None:
    cache, loads = models.Cache(2), []

    def load() -> int:
        time.sleep(0.05)
        loads.append(1)
        return 7

    threads = [threading.Thread(target=cache.get, args=("a", load)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1


def test_a_failed_load_can_be_tried_again() -> None:
    cache = models.Cache(1)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 / 0)
    assert cache.get("a", lambda: 3) == 3


def test_the_melody_model_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHESETE_MUSIC_MODEL", models.MELODY.where)
    assert models.resolve("music") == models.MELODY
    assert models.MELODY.licence == "CC-BY-NC-4.0"


def test_a_file_is_looked_for_in_the_hubs_cache_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    snapshot = tmp_path / "models--some--model" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    row = models.Model("model", "some/model", "abc", "full", "")
    assert models.cached_file(row, "config.json") == snapshot / "config.json"
    assert models.cached_file(row, "other.json") is None
    assert models.cached_file(models.Model("gone", "/no/such/directory", "", "full", ""), "config.json") is None


def test_turbo_models_are_known_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in (models.SD_TURBO, models.SDXL_TURBO):
        monkeypatch.setenv("SYNTHESETE_IMAGE_MODEL", row.where)
        assert models.resolve("image") == row
        assert "Non-Commercial" in row.licence
    monkeypatch.setenv("SYNTHESETE_IMAGE_MODEL", "someone/something")
    assert (models.resolve("image").name, models.resolve("image").revision) == ("something", "")


@pytest.mark.parametrize("row", [models.SD_TURBO, models.SDXL_TURBO, models.LCM_LORA, models.TINY_DECODER])
def test_what_comes_from_the_hub_is_pinned(row: models.Model) -> None:
    assert len(row.revision) == 40
    assert row.licence


def test_a_folder_is_found_only_when_it_is_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for where in (tmp_path / "models--some--model" / "snapshots" / "abc", tmp_path / "plain"):
        (where / "vae").mkdir(parents=True)
        (where / "config.json").touch()
        (where / "vae" / "config.json").touch()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    cached = models.Model("model", "some/model", "abc", "full", "")
    plain = models.Model("plain", str(tmp_path / "plain"), "", "full", "")
    for row, folder in ((cached, tmp_path / "models--some--model" / "snapshots" / "abc"), (plain, tmp_path / "plain")):
        assert models.folder_of(row, ("config.json",)) == folder
        assert models.folder_of(row, ("vae/config.json", "config.json")) == folder
        assert models.folder_of(row, ("config.json", "weights.safetensors")) is None


def test_the_network_is_asked_only_when_told_and_never_offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []

    def connect(*_: object) -> None:
        asked.append(1)
        raise OSError("no network in tests")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", connect)
    monkeypatch.setattr("socket.getaddrinfo", connect)
    row = models.Model("model", "some/model", "abc", "full", "")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert models.folder_of(row, ("config.json",)) is None
    assert models.folder_of(row, ("config.json",), fetch=True) is None
    assert asked == []
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    assert models.folder_of(row, ("config.json",), fetch=True) is None
    assert asked, "this test would not notice a request"
    gone = models.Model("gone", "/no/such/directory", "", "full", "")
    assert models.folder_of(gone, ("config.json",), fetch=True) is None
