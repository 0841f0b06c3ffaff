"""Odd adapter files: each is refused in one sentence with a hint, and what is accepted does load and does change."""

import json
import struct

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from core.errors import UserError
from core.models import WEIGHTS
from lora.check import FILE_NAME, adapter_info, base_shapes, check_adapter, list_adapters
from lora.header import MAX_HEADER_BYTES, read_header, read_values

# diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


@pytest.fixture(scope="module")
def shapes(base):
    return base_shapes(base)


@pytest.fixture
def matrices(adapter):
    return load_file(adapter / FILE_NAME)


@pytest.fixture
def saved(adapter, tmp_path):
    """Writes tensors and metadata (by default the good adapter's) as odd.safetensors."""
    with safe_open(adapter / FILE_NAME, "pt") as file:
        known = file.metadata()

    def write(tensors, **changed):
        path = tmp_path / "odd.safetensors"
        save_file({key: value.contiguous() for key, value in tensors.items()}, path, known | changed)
        return path

    return write


def refusal(path, shapes, **more) -> str:
    with pytest.raises(UserError) as caught:
        check_adapter(path, shapes, **more)
    assert caught.value.hint
    return caught.value.message


def test_a_good_adapter_is_accepted_by_file_and_by_folder(adapter, shapes):
    assert check_adapter(adapter, shapes) == check_adapter(adapter / FILE_NAME, shapes, base="tiny")


def test_one_for_another_base_is_refused(adapter, shapes, tiny, saved, matrices):
    wide = {key: tuple(value.shape) for key, value in tiny(widths=(16, 64)).unet.state_dict().items()}
    assert "made for another base model (tiny): 51 of its 56 layers do not fit" in refusal(adapter, wide)
    assert "the model in use is painter-2" in refusal(adapter, shapes, base="painter-2")
    family = {"modelspec.architecture": "stable-diffusion-v1/lora"}
    assert check_adapter(saved(matrices, **family), shapes, base="dreamshaper").base == "tiny"


def test_names_that_would_load_nothing_are_refused(shapes, matrices, saved):
    bare = {key.removeprefix("unet."): value for key, value in matrices.items()}
    assert "without the prefix" in refusal(saved(bare), shapes)
    unknown = {key.replace("down_blocks", "stairs"): value for key, value in matrices.items()}
    assert "do not fit" in refusal(saved(unknown), shapes)
    assert "besides LoRA matrices, such as note" in refusal(saved(matrices | {"note": torch.ones(2)}), shapes)


def test_matrices_that_do_not_belong_together_are_refused(shapes, matrices, saved):
    first = next(iter(matrices))
    assert "do not belong together" in refusal(saved({k: v for k, v in matrices.items() if k != first}), shapes)
    assert "do not belong together" in refusal(saved(matrices | {first: matrices[first][:3]}), shapes)
    assert "do not belong together" in refusal(saved(matrices | {first: matrices[first][:0]}), shapes)


@pytest.mark.parametrize("where", ["rank", "ss_network_dim", "lora_adapter_metadata"])
def test_a_header_that_lies_about_the_rank_is_refused(shapes, matrices, saved, where):
    said = json.dumps({"unet.r": 16, "unet.lora_alpha": 16}) if where == "lora_adapter_metadata" else "16"
    assert "says rank 16, but its matrices have rank 4" in refusal(saved(matrices, **{where: said}), shapes)


def test_settings_that_are_no_json_are_refused(shapes, matrices, saved):
    assert "cannot be read" in refusal(saved(matrices, lora_adapter_metadata="{"), shapes)


def test_an_adapter_that_changes_nothing_is_refused(shapes, matrices, saved):
    for side in ("lora_A", "lora_B"):
        still = {key: torch.zeros_like(value) if side in key else value for key, value in matrices.items()}
        assert "changes nothing" in refusal(saved(still), shapes)
    assert "changes nothing" in refusal(saved(matrices, lora_adapter_metadata='{"unet.lora_alpha": 0}'), shapes)
    # one layer that acts is enough, -0.0 is nothing
    minus = {key: value * -0.0 if "lora_B" in key else value for key, value in matrices.items()}
    assert "changes nothing" in refusal(saved(minus), shapes)
    last = next(key for key in reversed(matrices) if "lora_B" in key)
    assert check_adapter(saved(minus | {last: matrices[last] + 1}), shapes)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(shapes, matrices, saved, kind, number):
    odd = {key: value.to(kind) for key, value in matrices.items()}
    assert check_adapter(saved(odd), shapes)
    odd[next(reversed(odd))].view(-1)[3] = number
    assert "numbers that are none" in refusal(saved(odd), shapes)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_values_are_read_as_torch_reads_them(tmp_path, kind):
    path = tmp_path / "numbers.safetensors"
    values = torch.randn(3, 5).to(kind)
    save_file({"a": torch.ones(2), "b": values}, path)
    np.testing.assert_array_equal(read_values(path, read_header(path).tensors["b"]), values.float().numpy().ravel())


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("hada_w1_a", "LoHa"), ("lokr_w1", "LoKr"), ("lora_mid.weight", "LoCon"), ("dora_scale", "DoRA"),
        ("lora_magnitude_vector.weight", "DoRA"), ("oft_blocks", "OFT"), ("diff_b", "full weights"),
    ],
)  # fmt: skip
def test_other_kinds_of_adapters_are_named(shapes, matrices, saved, key, kind):
    assert kind in refusal(saved(matrices | {f"unet.mid_block.resnets.0.conv1.{key}": torch.ones(1)}), shapes)


def test_a_whole_model_and_a_text_only_adapter_are_refused(base, shapes, saved, matrices):
    assert "holds no LoRA weights" in refusal(base / "unet" / "diffusion_pytorch_model.safetensors", shapes)
    words = {"text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_" + side + ".weight": torch.ones(4, 4)
             for side in "AB"}  # fmt: skip
    assert "only the text encoder" in refusal(saved(words), shapes)


def test_spellings_of_other_programs_are_accepted_and_load(base, shapes, matrices, tiny, painted, tmp_path):
    kohya, older = {}, {}
    for key, value in matrices.items():
        module, side = key.removeprefix("unet.").removesuffix(".weight").rsplit(".", 1)
        word = "down" if side == "lora_A" else "up"
        kohya[f"lora_unet_{module.replace('.', '_')}.lora_{word}.weight"] = value.clone()
        kohya[f"lora_unet_{module.replace('.', '_')}.alpha"] = torch.tensor(4.0)
        older[f"unet.{module}.lora.{word}.weight"] = value
    reference = tiny()
    reference.load_lora_weights({key: value.clone() for key, value in matrices.items()})
    wanted = painted(reference)
    for name, spelled in (("kohya", kohya), ("older", older)):
        path = tmp_path / f"{name}.safetensors"
        save_file(spelled, path)
        assert check_adapter(path, shapes).rank == 4
        pipeline = tiny()
        pipeline.load_lora_weights(tmp_path, weight_name=path.name)
        np.testing.assert_allclose(painted(pipeline), wanted, atol=1e-5)
    save_file(kohya | {key: value for key, value in older.items() if "mid" in key}, tmp_path / "both.safetensors")
    assert "two spellings" in refusal(tmp_path / "both.safetensors", shapes)


PICKLE = b"\x80\x04\x95" + b"\0" * 20
HUGE = struct.pack("<Q", MAX_HEADER_BYTES + 1) + b" " * (MAX_HEADER_BYTES + 8)
NESTED = b"[" * 100_000


@pytest.mark.parametrize(
    "content",
    [
        b"", b"short", b"once upon a time there was a file", b"\xff" * 64, b"\x10" + b"\0" * 7 + b"[1, 2, 3, 4, 5 ]",
        struct.pack("<Q", len(NESTED)) + NESTED, b"\x18" + b"\0" * 7 + b'{"a":{"dtype":"F32"}}   ', HUGE, PICKLE,
        b"PK\x03\x04" + b"\0" * 60, None,
    ],
    ids=["empty", "short", "text", "noise", "list", "nested", "no_shape", "huge", "pickle", "zip", "missing"],
)  # fmt: skip
def test_broken_files_are_a_sentence(content, tmp_path):
    path = tmp_path / "broken.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"broken\.safetensors") as caught:
        adapter_info(path)
    assert caught.value.hint
    if content in (PICKLE, HUGE):
        assert ("pickle" if content is PICKLE else "20 MB") in caught.value.message


def test_a_file_cut_off_anywhere_is_refused(adapter, tmp_path):
    whole = (adapter / FILE_NAME).read_bytes()
    path = tmp_path / "cut.safetensors"
    for size in (4, 8, 500, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError, match=r"cut\.safetensors"):
            adapter_info(path)


@pytest.mark.parametrize("name", ["adapter.bin", "adapter.pt", "adapter.ckpt"])
def test_names_by_which_a_pickle_would_be_loaded_are_refused(adapter, tmp_path, name):
    (tmp_path / name).write_bytes((adapter / FILE_NAME).read_bytes())
    with pytest.raises(UserError, match=r"not named \.safetensors"):
        adapter_info(tmp_path / name)


def test_listing_leaves_out_what_is_no_adapter(adapter, tmp_path, caplog):
    (tmp_path / "wash").mkdir()
    (tmp_path / "wash" / FILE_NAME).write_bytes((adapter / FILE_NAME).read_bytes())
    (tmp_path / "other.safetensors").write_bytes((adapter / FILE_NAME).read_bytes())
    (tmp_path / "text.safetensors").write_text("once upon a time there was a file")
    save_file({"weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    assert [info.name for info in list_adapters(tmp_path)] == ["other", "wash"]
    assert "text.safetensors" in caplog.text
    assert "model.safetensors" in caplog.text
    assert list_adapters(tmp_path / "nowhere") == []
    row = json.loads(json.dumps(list_adapters(tmp_path)[1].as_json()))
    assert row["path"] == str(tmp_path / "wash" / FILE_NAME)
    assert row["triggers"] == ["watercolour"]


def bundled():
    return [info.path for info in list_adapters(WEIGHTS / "lora")]


@pytest.mark.parametrize("path", bundled(), ids=lambda path: path.parent.name)
def test_bundled_adapters_fit_the_bundled_base(path):
    where = WEIGHTS / "image"
    if not (where / "model_index.json").is_file():
        pytest.skip("the bundled picture model is not here")
    assert path.stat().st_size < 2_000_000
    assert check_adapter(path, base_shapes(where)).licence == "Apache-2.0"
