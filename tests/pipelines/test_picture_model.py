"""What a picture model is made of, for directories in the layouts of Stable Diffusion 1.5, Turbo, XL and our own."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import UserError
from core.models import LOADED, Model
from core.runtime import Compute, cpu_generator
from evaluation.full_size import SMALL, Folders, write
from pipelines import picture_memory, picture_model
from pipelines.picture_model import PictureModel
from pipelines.picture_tiers import Additions, additions, read_index
from tests.pipelines.tiny_pictures import add_safety_checker, write_sd_turbo, write_sdxl_turbo

# diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
WORDS = "ocean waves and a low sun"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Stable Diffusion 1.5, its LCM-LoRA and TAESD."""
    return write(tmp_path_factory.mktemp("small") / "weights", SMALL, dtype="float32")


@pytest.fixture(scope="module")
def sd_turbo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sd_turbo(tmp_path_factory.mktemp("renamed"))


@pytest.fixture(scope="module")
def sdxl_turbo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sdxl_turbo(tmp_path_factory.mktemp("renamed_too"))


@pytest.fixture(autouse=True, scope="module")
def _float32() -> Iterator[None]:
    """No settings, and a CPU that prefers float32."""
    with pytest.MonkeyPatch.context() as patch:
        for name in picture_model.SETTINGS:
            patch.delenv(f"SYNTHESETE_{name}", raising=False)
        patch.setattr(picture_model, "multiplies_bfloat16", lambda: False)
        yield


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    LOADED.clear()


@pytest.fixture(scope="module")
def quick(folders: Folders, _float32: None) -> PictureModel:
    """Stable Diffusion 1.5 with quick sampling and the small decoder."""
    return load(folders.pipeline, lcm=str(folders.lcm), decoder=str(folders.decoder))


@pytest.fixture(scope="module")
def plain(folders: Folders, _float32: None) -> PictureModel:
    """Stable Diffusion 1.5 alone."""
    return load(folders.pipeline)


def load(folder: Path, tier: str = "full", *, lcm: str = "", decoder: str = "") -> PictureModel:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHESETE_IMAGE_LCM", lcm)
        patch.setenv("SYNTHESETE_IMAGE_DECODER", decoder)
        return picture_model.picture_model(Model(folder.name, str(folder), "", tier, "none"))


def looked_for(folder: Path, tier: str = "full") -> Additions:
    row = Model(folder.name, str(folder), "", tier, "none")
    return additions(row, read_index(row))


def latents(model: PictureModel, *, pipe: Any = None, **wishes: Any) -> Any:
    wanted = {"num_inference_steps": model.steps, "guidance_scale": model.guidance, "output_type": "latent"} | wishes
    return (pipe or model.pipe)(WORDS, generator=cpu_generator(5), **wanted).images


def test_quick_sampling_is_what_diffusers_makes_of_the_same_lora(quick: PictureModel, folders: Folders) -> None:
    from diffusers import LCMScheduler, StableDiffusionPipeline

    assert (quick.kind, quick.steps, quick.guidance, quick.notes) == ("sd", 4, 1.0, ())
    assert quick.pipe.get_list_adapters() == {}, "an adapter beside the weights would cost time in every step"
    pipe = StableDiffusionPipeline.from_pretrained(folders.pipeline)
    pipe.scheduler = LCMScheduler.from_config(pipe.scheduler.config)
    before = latents(quick, pipe=pipe)
    pipe.load_lora_weights(folders.lcm, adapter_name="lcm")
    pipe.set_adapters(["lcm"], [1.0])
    ours, theirs = latents(quick), latents(quick, pipe=pipe)
    assert np.allclose(ours, theirs, atol=2e-3 * float(theirs.abs().max()))
    assert not np.allclose(before, theirs, atol=1e-1)


def test_style_adapters_are_laid_over_it_and_taken_off(quick: PictureModel, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from evaluation.full_size import lora_of

    save_file(lora_of(quick.pipe.unet, rank=2, strength=0.3), tmp_path / "pytorch_lora_weights.safetensors")
    bare = latents(quick)
    quick.pipe.load_lora_weights(tmp_path, adapter_name="watercolour")
    quick.pipe.set_adapters(["watercolour"], [0.8])
    worn = latents(quick)
    quick.pipe.disable_lora()
    again = latents(quick)
    quick.pipe.unload_lora_weights()
    assert not np.allclose(worn, bare, atol=1e-2)
    assert np.array_equal(again, bare)


def test_without_the_additions_it_works_and_says_so(plain: PictureModel) -> None:
    assert (plain.steps, plain.guidance) == (25, 7.5)
    assert [any(word in note for note in plain.notes) for word in ("Quick sampling", "small decoder")] == [True, True]
    assert type(plain.pipe.vae).__name__ == "AutoencoderKL"
    assert plain.max_guidance_note == ""


def test_additions_can_be_switched_off(folders: Folders, quick: PictureModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHESETE_IMAGE_LCM", "off")
    monkeypatch.setenv("SYNTHESETE_IMAGE_DECODER", "off")
    slow = looked_for(folders.pipeline)
    assert (slow.sampling.steps, slow.notes, slow.decoder) == (25, (), None)
    assert "guidance above 2" in quick.max_guidance_note


def test_a_setting_makes_another_model_of_the_same_weights(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_model, "_load", lambda row: object())
    assert load(folders.pipeline) is load(folders.pipeline)
    assert load(folders.pipeline) is not load(folders.pipeline, lcm="off")


def test_quick_sampling_made_for_another_model_is_refused(sd_turbo: Path, folders: Folders, tmp_path: Path) -> None:
    other = tmp_path / "another"
    shutil.copytree(sd_turbo, other)
    shutil.copy(folders.pipeline / "scheduler" / "scheduler_config.json", other / "scheduler")
    index = json.loads((other / "model_index.json").read_text())
    (other / "model_index.json").write_text(json.dumps(index | {"scheduler": ["diffusers", "PNDMScheduler"]}))
    model = load(other, lcm=str(folders.lcm))
    assert model.steps == 25
    assert "does not fit" in model.notes[0]


def with_own_lcm(folders: Folders, out: Path, settings: str | None) -> Path:
    shutil.copytree(folders.pipeline, out)
    shutil.copytree(folders.lcm, out / "lcm")
    if settings is not None:
        (out / "lcm" / "sampling.json").write_text(settings)
    return out


def test_a_directory_may_bring_its_own_quick_sampling(folders: Folders, tmp_path: Path) -> None:
    own = with_own_lcm(folders, tmp_path / "own", '{"steps": 5, "guidance": 1.7, "original_inference_steps": 20}')
    model = load(own, "bundled")
    assert (model.steps, model.guidance) == (5, 1.7)
    assert model.pipe.scheduler.config.original_inference_steps == 20
    assert not any("Quick" in note for note in model.notes)
    silent = with_own_lcm(folders, tmp_path / "silent", None)
    assert [looked_for(silent, tier).sampling.steps for tier in ("bundled", "full")] == [6, 4]


def test_a_distilled_student_keeps_the_scheduler_of_its_directory(folders: Folders, tmp_path: Path) -> None:
    own = with_own_lcm(folders, tmp_path / "own", '{"steps": 8, "guidance": 1.0, "scheduler": "own"}')
    (own / "lcm").rename(own / "few_steps")
    model = load(own, "bundled")
    assert (model.steps, model.guidance) == (8, 1.0)
    assert "guidance inside" in model.max_guidance_note
    assert type(model.pipe.scheduler).__name__ == "PNDMScheduler"


def test_the_bundled_tier_ignores_settings_that_are_for_the_full_one(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHESETE_IMAGE_LCM", str(folders.lcm))
    assert looked_for(folders.pipeline, "bundled").sampling.steps == 12


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [('{"stops": 4}', "'stops'"), ('{"scheduler": "pndm"}', "'pndm'"), ("[1, 2]", "read"), ("{", "read")],
)
def test_settings_that_mean_nothing_are_refused(folders: Folders, tmp_path: Path, settings: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        looked_for(with_own_lcm(folders, tmp_path / "own", settings), "bundled")


def test_decoding_is_that_of_the_pipeline(quick: PictureModel, plain: PictureModel) -> None:
    for model in (quick, plain):
        painted = latents(model, num_inference_steps=2)
        theirs = latents(model, num_inference_steps=2, output_type="np")
        ours = model.decode(painted)
        assert ours.shape == (1, 64, 64, 3)
        assert np.abs(ours - theirs * 255).max() <= 0.51


def test_a_preview_shows_what_is_expected_not_the_noise(quick: PictureModel) -> None:
    seen: list[Any] = []

    def watch(_: Any, step: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        seen.append((tensors["latents"], quick.pipe.scheduler.expected, quick.preview(tensors["latents"])))
        return tensors

    painted = latents(quick, callback_on_step_end=watch)
    assert all(picture.shape == (32, 32, 3) and picture.dtype == np.uint8 for _, _, picture in seen)
    noisy, expected, shown = seen[0]
    assert not np.allclose(noisy, expected, atol=0.1)
    quick.pipe.scheduler.expected = None
    assert not np.array_equal(quick.preview(noisy), shown)
    assert np.array_equal(quick.preview(expected), shown)
    assert np.allclose(seen[-1][1], painted, atol=1e-5), "the last step expects what it hands on"


def test_multistep_solvers_tell_what_they_expect(plain: PictureModel, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import DPMSolverMultistepScheduler

    from pipelines.previews import watch

    monkeypatch.setattr(plain.pipe, "scheduler", solver := DPMSolverMultistepScheduler())
    watch(solver)
    painted = latents(plain, num_inference_steps=6)
    assert np.allclose(solver.expected, painted, atol=1e-4)
    assert plain.preview(painted).shape == (16, 16, 3), "the full decoder takes longer, so it is shown less"


@pytest.mark.parametrize("which", ["sd_turbo", "sdxl_turbo"])
def test_turbo_is_known_by_its_scheduler(which: str, request: pytest.FixtureRequest) -> None:
    from PIL import Image

    model = load(request.getfixturevalue(which))
    assert model.kind == which.split("_")[0]
    assert (model.steps, model.guidance, model.native_px, model.multiple_px) == (2, 0.0, 64, 8)
    assert model.pipe.scheduler.config.timestep_spacing == "trailing"
    pixels = model.decode(latents(model))
    assert pixels.shape == (1, 64, 64, 3)
    assert model.pipe.scheduler.timesteps[0] == 999
    again = latents(model, pipe=model.image_to_image, image=Image.fromarray(pixels[0]), strength=0.5)
    assert model.decode(again).shape == (1, 64, 64, 3)
    assert "without guidance" in model.max_guidance_note


def test_both_pipelines_are_made_of_the_same_parts_in_bfloat16_where_it_is_quick(
    folders: Folders, quick: PictureModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(picture_model, "multiplies_bfloat16", lambda: True)
    model = load(folders.pipeline, lcm=str(folders.lcm), decoder=str(folders.decoder))
    for name in ("unet", "vae", "text_encoder", "scheduler", "tokenizer"):
        assert getattr(model.pipe, name) is getattr(model.image_to_image, name)
    assert {model.pipe.unet.dtype, model.pipe.vae.dtype, model.pipe.text_encoder.dtype} == {torch.bfloat16}
    assert type(model.image_to_image.vae).__name__ == "AutoencoderTiny"
    whole, half = (each.decode(latents(each)).astype(float) for each in (quick, model))
    assert 0 < np.abs(half - whole).mean() < 4


@pytest.fixture
def checked(folders: Folders, tmp_path: Path) -> tuple[Path, np.ndarray]:
    """Stable Diffusion 1.5 with a safety checker that hides one picture."""
    hidden = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    shutil.copytree(folders.pipeline, tmp_path / "checked")
    add_safety_checker(tmp_path / "checked", hidden)
    return tmp_path / "checked", hidden


def test_the_safety_checker_of_a_directory_is_asked(checked: tuple[Path, np.ndarray]) -> None:
    folder, hidden = checked
    model = load(folder)
    assert model.has_safety_checker
    pictures = np.stack([255 - hidden, hidden])
    assert model.is_blocked(pictures) == [False, True]
    assert np.array_equal(pictures[1], hidden), "telling is not hiding"


def test_it_can_be_switched_off_and_its_absence_is_said(
    checked: tuple[Path, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = checked
    shutil.rmtree(folder / "safety_checker")
    row, choice = Model("checked", str(folder), "", "full", ""), Compute("cpu", "float32", "")
    checker, notes = picture_model._safety_checker(row, read_index(row), choice)
    assert checker is None
    assert "not checked" in notes[0]
    monkeypatch.setenv("SYNTHESETE_SAFETY", "off")
    assert picture_model._safety_checker(row, read_index(row), choice) == (None, ())


def test_without_a_checker_nothing_is_blocked(plain: PictureModel) -> None:
    assert not plain.has_safety_checker
    assert plain.is_blocked(np.zeros((2, 64, 64, 3), np.uint8)) == [False, False]


def test_a_directory_may_hold_half_precision_alone(sdxl_turbo: Path, tmp_path: Path) -> None:
    shutil.copytree(sdxl_turbo, tmp_path / "half")
    for file in (tmp_path / "half").rglob("*.safetensors"):
        file.rename(file.with_suffix(".fp16.safetensors"))
    assert load(tmp_path / "half").kind == "sdxl"


@pytest.mark.parametrize(
    ("index", "sentence"),
    [(None, "could not be loaded"), ("{", "could not be loaded"), ('{"_class_name": "FluxPipeline"}', "FluxPipeline")],
)
def test_a_model_of_another_kind_is_refused(tmp_path: Path, index: str | None, sentence: str) -> None:
    if index:
        (tmp_path / "model_index.json").write_text(index)
    with pytest.raises(UserError, match=sentence):
        load(tmp_path)


def test_an_incomplete_directory_is_refused(folders: Folders, tmp_path: Path) -> None:
    shutil.copytree(folders.pipeline, tmp_path / "half")
    shutil.rmtree(tmp_path / "half" / "unet")
    with pytest.raises(UserError, match="could not be loaded"):
        load(tmp_path / "half")


def test_little_memory_on_the_cpu_means_slices(
    folders: Folders, quick: PictureModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_memory, "free_bytes", lambda device: 2**20)
    model = load(folders.pipeline, lcm=str(folders.lcm), decoder=str(folders.decoder))
    assert any("Memory is short" in note for note in model.notes)
    assert model.pipe.vae.use_slicing
    assert model.pipe.vae.use_tiling
    assert np.allclose(latents(model), latents(quick), atol=1e-3)


class Asked:
    """A pipeline that only remembers what it is told; its two parts weigh 40 and 80 bytes."""

    def __init__(self) -> None:
        import torch

        self.said: list[str] = []
        self.vae: Any = torch.nn.Linear(9, 1)
        self.vae.enable_slicing = self.vae.enable_tiling = lambda: None
        self.components = {"vae": self.vae, "unet": torch.nn.Linear(19, 1), "scheduler": object()}

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **named: self.said.append(name)


@pytest.mark.parametrize(
    ("spare", "does"),
    [
        (120, "to"),
        (119, "enable_model_cpu_offload"),
        (80, "enable_model_cpu_offload"),
        (79, "enable_sequential_cpu_offload"),
    ],
)
def test_a_small_gpu_is_given_only_what_is_at_work(spare: int, does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_memory, "free_bytes", lambda device: picture_memory.WORKING_BYTES + spare)
    pipe = Asked()
    notes = picture_memory.place(pipe, Compute("cuda", "float16", ""))
    assert pipe.said[-1] == does
    assert bool(notes) == (does != "to")
    assert ("enable_attention_slicing" in pipe.said) == (does != "to")


def test_apples_gpu_is_not_asked_for_its_memory() -> None:
    pipe = Asked()
    assert picture_memory.place(pipe, Compute("mps", "float32", "")) == ()
    assert pipe.said == ["to"]


def test_the_large_decoder_of_xl_leaves_half_precision() -> None:
    import torch

    from pipelines.previews import decode

    class Vae(torch.nn.Module):
        dtype = torch.float16
        config = SimpleNamespace(force_upcast=True, scaling_factor=0.5)

        def to(self, dtype: Any) -> None:
            self.dtype = dtype

        def decode(self, latents: Any) -> Any:
            assert latents.dtype == torch.float32
            return SimpleNamespace(sample=latents.repeat_interleave(8, 2).repeat_interleave(8, 3)[:, :3])

    latents = torch.tensor([0.5, 0.0, -0.5, 0.0]).view(1, 4, 1, 1).half()
    assert decode(Vae(), latents)[0, 0, 0].tolist() == [255, 128, 0]
