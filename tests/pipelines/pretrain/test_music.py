"""Training the bundled MusicGen: the pieces of it, and a run from corpus to a directory that plays."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from core.types import MusicRequest
from corpus import score
from corpus.captions import Fields
from corpus.composer import write_corpus
from corpus.prompts import read_prompt
from pipelines.pretrain import music, music_network
from pipelines.pretrain.music_words import Phrases, phrase, train_tokenizer

TINY = music_network.Size(width=32, layers=1, heads=4, text_width=16, text_layers=1)


def test_the_delay_is_the_one_that_generate_undoes() -> None:
    network = music_network.build(64, TINY)
    tokens = torch.randint(0, 128, (2, 8, 20), generator=torch.Generator().manual_seed(0))
    start = torch.full((16, 1), 128)
    whole = torch.cat([start, tokens.flatten(0, 1)], 1)
    theirs = network.decoder.build_delay_pattern_mask(whole, pad_token_id=128, max_length=20 + 8)[1]
    assert torch.equal(music_network.delayed(tokens).flatten(0, 1), theirs[:, :27])


def test_the_loss_is_the_models_own_prediction_of_each_token() -> None:
    torch.manual_seed(0)
    network = music_network.build(64, TINY).eval()
    tokens = torch.randint(0, 128, (1, 8, 6))
    text = {"input_ids": torch.tensor([[5, 6, 1]]), "attention_mask": torch.ones(1, 3, dtype=torch.long)}
    ours = music_network.losses(network, tokens, text, torch.ones(1, dtype=torch.long))
    logits = network(**text, decoder_input_ids=music_network.delayed(tokens).flatten(0, 1)).logits
    for stream, frame in ((0, 0), (3, 2), (7, 5)):
        expected = -torch.log_softmax(logits[stream, frame + stream], -1)[tokens[0, stream, frame]]
        assert ours[0, stream, frame].item() == pytest.approx(expected.item(), abs=1e-4)


def test_hidden_words_do_not_matter_and_seen_ones_do() -> None:
    torch.manual_seed(0)
    network = music_network.build(64, TINY).eval()
    tokens = torch.randint(0, 128, (1, 8, 6))

    def loss(word: int, seen: int) -> torch.Tensor:
        text = {"input_ids": torch.tensor([[word, 1]]), "attention_mask": torch.ones(1, 2, dtype=torch.long)}
        return music_network.losses(network, tokens, text, torch.tensor([seen]))

    assert torch.equal(loss(5, 0), loss(9, 0))
    assert not torch.allclose(loss(5, 1), loss(9, 1))


def test_heads_start_out_looking_back_by_their_offset() -> None:
    network = music_network.build(64, music_network.Size())
    decoder = network.decoder.model.decoder
    for table in decoder.embed_tokens:
        torch.nn.init.zeros_(table.weight)
    at = 200
    positions = decoder.layers[0].self_attn_layer_norm(decoder.embed_positions(torch.zeros(1, 8, at + 1)))
    attention = decoder.layers[0].self_attn
    q = attention.q_proj(positions)[at].view(attention.num_heads, -1)
    k = attention.k_proj(positions).view(at + 1, attention.num_heads, -1)
    weights = torch.softmax(torch.einsum("hd,thd->ht", q, k) * attention.scaling, -1)
    assert [at - int(i) for i in weights.argmax(1)] == list(music_network.LOOKING_BACK)
    assert (weights.amax(1) > 0.5).all()


def test_windows_of_different_lengths_count_only_where_there_is_music() -> None:
    pieces, fields = write_corpus(40, 3)
    batches = music.Batches(examples=6, headers=4, headers_at_first=4, at_first=1)
    tokenizer = train_tokenizer(fields, 0, vocabulary=300)
    network = music_network.build(len(tokenizer), TINY)
    course = music.Course(network, tokenizer, pieces, Phrases(fields), batches)
    assert set(course(0, torch.Generator().manual_seed(0))) == {"loss", "bare"}
    queries = network.decoder.model.decoder.layers[0].self_attn.q_proj.weight
    pointed = queries.detach().clone()
    with torch.no_grad():
        queries.normal_()
    each = course(1, torch.Generator().manual_seed(0))
    assert torch.equal(queries, pointed)  # headers alone taught the heads nothing: they are pointed anew
    assert set(score.STREAM_NAMES) < set(each)
    assert all(torch.isfinite(value) for value in each.values())
    # The same windows with other tokens behind their ends give the same loss.
    short = music_network.padded([pieces[0][:, :20], pieces[1][:, :30]])
    assert short.shape == (2, 8, 30)
    assert not short[0, :, 20:].any()


def test_phrases_say_nothing_but_what_is_true_and_not_always_everything() -> None:
    truth = Fields("jazz", "sadness", tempo_bpm=96, key="A minor", instruments=("saxophone", "piano", "double bass"))
    rng = random.Random(0)
    read = [read_prompt(phrase(truth, rng)) for _ in range(300)]
    assert {said.genre for said in read} == {"jazz", None}
    assert {said.key for said in read} <= {"A minor", None}
    assert {said.tempo_bpm for said in read if said.tempo_bpm not in (70, 100, 140)} == {96, None}
    assert np.mean([said.emotion == "sadness" for said in read]) > 0.6
    assert len({phrase(truth, rng) for _ in range(300)}) > 200


def test_the_tokenizer_keeps_numbers_and_key_names_apart() -> None:
    tokenizer = train_tokenizer([Fields("jazz", "calmness", tempo_bpm=96, key="Bb minor")], 0)
    for word in ("96", "117", "jazz", "saxophone", "nostalgic", "minor"):
        assert tokenizer.tokenize(word) == [word]
    assert tokenizer.tokenize("F# minor") != tokenizer.tokenize("F minor")
    assert tokenizer("calm jazz").input_ids[-1] == tokenizer.eos_token_id
    assert tokenizer.unk_token not in tokenizer.tokenize("a spooky zither, 33 r.p.m. (lo-fi)")


def test_a_short_run_learns_saves_and_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import compose

    out, work = tmp_path / "out", tmp_path / "work"
    words = ["--out", str(out), "--work", str(work), "--steps", "50", "--pieces", "24", "--held-out", "8"]
    threads = torch.get_num_threads()
    try:
        assert (
            music.main([*words, "--threads", "1"], size=TINY, batches=music.Batches(examples=4, headers=8, at_first=10))
            == 0
        )
    finally:
        torch.set_num_threads(threads)
    log = [json.loads(line) for line in (work / "log.jsonl").read_text().splitlines()]
    assert log[-1]["bare"] < 0.9 * log[0]["bare"]
    sizes = {path.name: path.stat().st_size for path in out.iterdir()}
    assert max(sizes.values()) < 10_000_000
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in out.iterdir())
    card = (out / "README.md").read_text()
    assert "| melody |" in card
    assert "50 steps" in card
    monkeypatch.setenv("SYNTHESETE_MUSIC_MODEL", str(out))
    assert compose.compose(MusicRequest("calm jazz", seconds=1.0)).clip.seconds == 1.0


def test_a_run_that_goes_on_reads_words_as_before(tmp_path: Path) -> None:
    first = music.kept_tokenizer(tmp_path, [Fields(genre="jazz", emotion="power", tempo_bpm=90.0)] * 3, 0)
    again = music.kept_tokenizer(tmp_path, [Fields(genre="metal", emotion="tension", tempo_bpm=150.0)] * 3, 1)
    assert first.get_vocab() == again.get_vocab()
