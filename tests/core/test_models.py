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
