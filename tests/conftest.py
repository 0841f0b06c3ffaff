"""Threads that share the machine, one running server for the contract and browser tests, and a clip to send it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from core.runtime import share_cores

share_cores()  # before any test module imports torch
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """A running `python app.py`: its address, the seconds and the CPU seconds until it first answered, its log and its
    outputs."""

    url: str
    seconds_to_answer: float
    cpu_seconds_to_answer: float
    log: Path
    outputs: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    process, running = start_server(folder)
    try:
        yield running
    finally:
        process.terminate()
        process.wait(20)


def start_server(folder: Path) -> tuple[subprocess.Popen[bytes], Server]:
    """Start the app as the README does, on a free port; returns when the page answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, outputs = folder / "server.log", folder / "outputs"
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=os.environ | {"SYNTHESETE_OUTPUTS": str(outputs)},
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    while not _answers(url):
        if process.poll() is not None or time.monotonic() - started > 60:
            process.kill()
            raise RuntimeError(f"the server did not start:\n{log.read_text()}")
        time.sleep(0.05)
    cpu = psutil.Process(process.pid).cpu_times()
    return process, Server(url, time.monotonic() - started, cpu.user + cpu.system, log, outputs)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@pytest.fixture(scope="session")
def tune(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of a plain tune at 120 bpm: a plucked A minor arpeggio over a beating drum, 22.05 kHz mono WAV."""
    import numpy as np
    import soundfile

    rate, seconds = 22050, 6
    time_s = np.arange(rate * seconds) / rate
    in_beat = time_s % 0.5
    pitch_hz = np.array([220.0, 261.63, 329.63, 440.0])[(time_s / 0.5).astype(int) % 4]
    pluck = sum(np.sin(2 * np.pi * n * pitch_hz * in_beat) / n**1.5 for n in range(1, 6)) * np.exp(-5 * in_beat)
    drum = np.sin(2 * np.pi * 60 * in_beat) * np.exp(-25 * in_beat)
    path = tmp_path_factory.mktemp("tune") / "tune.wav"
    soundfile.write(path, 0.3 * pluck + 0.4 * drum, rate)
    return path
