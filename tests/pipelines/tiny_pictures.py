"""Picture models in the layouts of the Hub's directories, tiny and untrained: 64 px pictures.

Stable Diffusion 1.5 with its LCM-LoRA and TAESD are evaluation.full_size at SMALL; here are Turbo and XL, and a safety
checker that hides one picture.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.full_size import SMALL, pipeline_of

TURBO: dict[str, Any] = {
    "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "timestep_spacing": "trailing",
    "steps_offset": 1,
}  # fmt: skip


def write_sd_turbo(out: Path) -> Path:
    """Stable Diffusion 2.1's UNet (linear projections) with the scheduler of stabilityai/sd-turbo."""
    import torch
    from diffusers import EulerDiscreteScheduler, UNet2DConditionModel

    torch.manual_seed(1)
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=SMALL.unet, norm_num_groups=4, cross_attention_dim=16,
        attention_head_dim=(2, 4, 4, 4), use_linear_projection=True,
    )  # fmt: skip
    pipe = pipeline_of(SMALL, unet)
    pipe.scheduler = EulerDiscreteScheduler(**TURBO)
    pipe.save_pretrained(out)
    return out


def write_sdxl_turbo(out: Path) -> Path:
    """Stable Diffusion XL with two text encoders and the scheduler of stabilityai/sdxl-turbo."""
    import torch
    from diffusers import (
        AutoencoderKL,
        EulerAncestralDiscreteScheduler,
        StableDiffusionXLPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextModelWithProjection

    torch.manual_seed(2)
    plain = pipeline_of(SMALL, None)
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=(8, 16), norm_num_groups=4, cross_attention_dim=32, attention_head_dim=(2, 4),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2), use_linear_projection=True, addition_embed_type="text_time",
        addition_time_embed_dim=8, projection_class_embeddings_input_dim=6 * 8 + 16,
    )  # fmt: skip
    vae = AutoencoderKL.from_config(plain.vae.config, scaling_factor=0.13025, force_upcast=True)
    StableDiffusionXLPipeline(
        vae=vae, text_encoder=plain.text_encoder, text_encoder_2=CLIPTextModelWithProjection(plain.text_encoder.config),
        tokenizer=plain.tokenizer, tokenizer_2=plain.tokenizer, unet=unet,
        scheduler=EulerAncestralDiscreteScheduler(**TURBO), add_watermarker=False,
    ).save_pretrained(out)  # fmt: skip
    return out


def add_safety_checker(folder: Path, hidden: np.ndarray) -> None:
    """Give a pipeline directory a safety checker like that of Stable Diffusion 1.5, one that hides `hidden`."""
    import torch
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPImageProcessorPil

    side = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    torch.manual_seed(3)
    network = StableDiffusionSafetyChecker(CLIPConfig(vision_config=side | {"patch_size": 32}, projection_dim=8))
    processor = CLIPImageProcessorPil()
    seen = processor([hidden], return_tensors="pt").pixel_values
    with torch.no_grad():
        network.concept_embeds_weights.fill_(2.0)  # no cosine is as high
        network.special_care_embeds_weights.fill_(2.0)
        network.concept_embeds[0] = network.visual_projection(network.vision_model(seen)[1])[0]
        network.concept_embeds_weights[0] = 0.999
    network.save_pretrained(folder / "safety_checker")
    processor.save_pretrained(folder / "feature_extractor")
    index: dict[str, Any] = json.loads((folder / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    index["feature_extractor"] = ["transformers", "CLIPImageProcessor"]
    (folder / "model_index.json").write_text(json.dumps(index))
