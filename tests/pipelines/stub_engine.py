"""An engine for tests of the verb: a quiet tone whose pitch is its seed's, in two pieces, with all modes."""

import time

import numpy as np

from core.models import Model
from core.runtime import Compute
from core.types import AudioClip, GeneratedClip, MusicRequest, Provenance
from pipelines.engines.task import Task

LABEL = "Stub"
CAPABILITIES = ("prompt", "genre", "tempo", "continue", "melody", "unconditional")
SECONDS = (1.0, 30.0)
RATE_HZ, LEAD_IN_S = 16000, 0.5
SEEN: list[Task] = []
"""The tasks so far; a test that looks clears it first."""


def model() -> Model:
    return Model("stub", "stub", "", "rules", "Apache-2.0")


def load(compute: Compute) -> Model:
    return model()


def generate(loaded: Model, task: Task) -> list[GeneratedClip]:
    SEEN.append(task)
    clips = []
    for index, request in enumerate(task.requests):
        task.progress(index / len(task.requests), "humming")
        clips.append(_hummed(request))
    if task.on_sound:
        middle = clips[0].clip.samples.shape[1] // 2
        for samples in np.split(clips[0].clip.samples, [middle], axis=1):
            task.on_sound(AudioClip(np.ascontiguousarray(samples), RATE_HZ))
            time.sleep(0.01)
    return clips


def _hummed(request: MusicRequest) -> GeneratedClip:
    lead_s = LEAD_IN_S if request.mode == "continue" else 0.0
    time_s = np.arange(round((lead_s + request.seconds) * RATE_HZ)) / RATE_HZ
    pitch_hz = 220.0 * 2 ** (request.seed % 12 / 12)
    tone = 0.05 * np.sin(2 * np.pi * pitch_hz * time_s) * (0.6 + 0.4 * np.cos(4 * np.pi * time_s))
    whole = np.stack([tone, tone]).astype(np.float32)
    lead_in, clip = np.split(whole, [round(lead_s * RATE_HZ)], axis=1)
    return GeneratedClip(
        AudioClip(np.ascontiguousarray(clip), RATE_HZ, "hummed"),
        request,
        Provenance("stub", "", "rules", "Apache-2.0"),
        lead_in=AudioClip(np.ascontiguousarray(lead_in), RATE_HZ) if lead_s else None,
    )
