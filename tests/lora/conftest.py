"""Two untrained bases in the formats of the real ones: the bundled model's, and Stable Diffusion 1.5's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROMPT = "ocean waves and a low sun, calm mood"


@pytest.fixture(scope="session")
def tiny() -> Callable[..., Any]:
    """Makes an untrained pipeline of the bundled model's classes: 64 px pictures, 16 x 16 latents, a byte tokenizer."""
    import torch
    from diffusers import AutoencoderTiny, DPMSolverMultistepScheduler, StableDiffusionPipeline, UNet2DConditionModel

    def made(seed: int = 0, prediction: str = "v_prediction", widths: tuple[int, int] = (16, 32)) -> Any:
        torch.manual_seed(seed)
        unet = UNet2DConditionModel(
            sample_size=16, block_out_channels=widths, layers_per_block=1, cross_attention_dim=32, norm_num_groups=8,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), attention_head_dim=2,
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        )  # fmt: skip
        vae = AutoencoderTiny(
            encoder_block_out_channels=(16, 16, 16), decoder_block_out_channels=(16, 16, 16),
            num_encoder_blocks=(1, 1, 1), num_decoder_blocks=(1, 1, 1), latent_channels=4,
        )  # fmt: skip
        scheduler = DPMSolverMultistepScheduler(
            beta_schedule="scaled_linear", prediction_type=prediction, steps_offset=1
        )
        pipeline = StableDiffusionPipeline(
            vae=vae, unet=unet, scheduler=scheduler, **_words(), safety_checker=None, feature_extractor=None,
            requires_safety_checker=False,
        )  # fmt: skip
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    return made


@pytest.fixture(scope="session")
def base(tiny: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a tiny base."""
    directory = tmp_path_factory.mktemp("base") / "tiny"
    tiny().save_pretrained(directory)
    return directory


@pytest.fixture(scope="session")
def sd15(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny directory with Stable Diffusion 1.5's classes: AutoencoderKL, PNDM, epsilon; 32 px pictures."""
    import torch
    from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    torch.manual_seed(0)
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL(
            block_out_channels=(8, 8, 8), norm_num_groups=4, latent_channels=4, scaling_factor=0.18215,
            down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3,
        ),
        unet=UNet2DConditionModel(
            sample_size=8, block_out_channels=(8, 16), norm_num_groups=4, layers_per_block=1, cross_attention_dim=32,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), attention_head_dim=4,
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        scheduler=PNDMScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, skip_prk_steps=True, steps_offset=1
        ),
        **_words(), safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(out := tmp_path_factory.mktemp("sd15"))
    return out


def _words() -> dict[str, Any]:
    """A tokenizer of bytes and an untrained text encoder of width 32."""
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    letters = sorted(ByteLevel.alphabet())
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    text = CLIPTextConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=24, projection_dim=32, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    tokenizer = CLIPTokenizer(vocab={word: i for i, word in enumerate(words)}, merges=[], model_max_length=24)
    return {"tokenizer": tokenizer, "text_encoder": CLIPTextModel(text)}


@pytest.fixture(scope="session")
def painted() -> Callable[[Any], Any]:
    """Paints PROMPT in three steps -> float (height, width, 3)."""
    import torch

    def picture(pipeline: Any) -> Any:
        noise = torch.Generator().manual_seed(4)
        return pipeline(PROMPT, num_inference_steps=3, generator=noise, output_type="np").images[0]

    return picture


@pytest.fixture(scope="session")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `wash` of an adapter after a few steps on the tiny base, made by the command."""
    from lora import image

    folder = tmp_path_factory.mktemp("lora") / "wash"
    status = image.main(
        ["--style", "watercolour", "--base", str(base), "--out", str(folder), "--steps", "12", "--pictures", "6",
         "--batch", "4", "--rank", "4", "--work", str(folder.parent / "work"), "--sample-steps", "2",
         "--base-name", "tiny", "--sheet-every", "4"]
    )  # fmt: skip
    assert status == 0
    return folder
