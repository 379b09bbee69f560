"""Training in one go, and training that was stored half-way, come out alike."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from charlm.errors import ModelFileError
from charlm.rnn import cells, networks
from charlm.rnn.cells import CELLS
from charlm.rnn.checkpoint import Checkpoint
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.networks import NETWORKS
from charlm.rnn.run import Run, Texts, result
from charlm.rnn.training import go_on, start
from charlm.storage import CheckpointFile, ModelFile, load, load_checkpoint, save, save_checkpoint
from charlm.text.tokenizer import SEQUENCES
from tests.models import training_set

TRAINING = TrainingConfig(
    optimizer="adamw", steps=8, batch=4, window=5, validations=4, dropout=0.2, threads=2
)
KINDS = [
    RnnConfig(pattern, cell, activation, hidden=7, context=4, trace_decay=0.5)
    for pattern, cell in product(NETWORKS, CELLS)
    if cell in (NETWORKS[pattern].cells or CELLS)
    for activation in CELLS[cell].activations
] + [RnnConfig(cell="lstm", hidden=7, layers=2)]


def texts(sequence: str = "file") -> Texts:
    data = training_set(sequence)
    (ids,) = data.train
    return Texts((ids[300:],), (ids[:300],), data.tokenizer.vocab_size, data.tokenizer.end)


def stopped(config: RnnConfig, training: TrainingConfig, sequence: str, step: int) -> Run:
    run = start(texts(sequence), config, training)
    go_on(run, texts(sequence), watch=lambda run: run.step == step)
    return run


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("config", KINDS, ids=lambda c: " ".join(c.describe().values()))
def test_going_on_gives_the_bytes_of_one_go(
    config: RnnConfig, sequence: str, tmp_path: Path
) -> None:
    whole = stopped(config, TRAINING, sequence, -1)
    tokenizer = training_set(sequence).tokenizer
    half = Checkpoint(stopped(config, TRAINING, sequence, 5), TRAINING)
    save_checkpoint(tmp_path / "half", CheckpointFile(half, tokenizer, {}))
    restored = load_checkpoint(tmp_path / "half").checkpoint
    assert restored.asked == TRAINING
    assert restored.run.step == 5
    go_on(restored.run, texts(sequence))
    for name, run in (("whole", whole), ("resumed", restored.run)):
        save_checkpoint(tmp_path / name, CheckpointFile(Checkpoint(run, TRAINING), tokenizer))
        save(tmp_path / f"{name}.model", ModelFile(result(run).model, tokenizer))
    for end in ("", ".model"):
        one, two = (tmp_path / f"{name}{end}" for name in ("whole", "resumed"))
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(("optimizer", "step"), [("adam", 7), ("sgd", 10)])
def test_patience_and_the_best_are_remembered(optimizer: str, step: int) -> None:
    """Broken off where a validation has failed already, which must not be forgotten."""
    training = TrainingConfig(
        optimizer, 50.0, steps=40, warmup=0.0, final_rate=1.0, validations=20, patience=3
    )
    whole = stopped(RnnConfig(hidden=8), training, "file", -1)
    half = Checkpoint(stopped(RnnConfig(hidden=8), training, "file", step), training)
    assert half.run.failures > 0
    run = Checkpoint.from_arrays(half.settings(), half.arrays()).run
    go_on(run, texts())
    assert (run.step, run.failures) == (whole.step, whole.failures) != (40, 0)
    assert run.best is not None
    assert whole.best is not None
    assert (run.best.step, run.best.bits) == (whole.best.step, whole.best.bits)


def changed(settings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Settings with entries replaced; those of the plan by plan_NAME."""
    plan = {k.removeprefix("plan_"): v for k, v in changes.items() if k.startswith("plan_")}
    rest = {k: v for k, v in changes.items() if not k.startswith("plan_")}
    return {**settings, "plan": {**settings["plan"], **plan}, **rest}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plan_batch": 10**9}, "larger than what was asked"),
        ({"plan_window": 10**9}, "larger than what was asked"),
        ({"plan_threads": 10**9}, "larger than what was asked"),
        ({"plan_validations": 10**9}, "not that of what was asked"),
        ({"plan_learning_rate": None}, "not that of what was asked"),
        ({"plan_schedule": "random"}, "not that of what was asked"),
        ({"plan_batch": 3}, "sizes of its configuration"),
        ({"plan_window": 2.5}, "whole number"),
        ({"plan_seed": 0.5}, "whole number"),
        ({"vocab_size": 10**9}, "sizes of its configuration"),
        ({"config": {"hidden": 10**9}}, "sizes of its configuration"),
        ({"config": {"hidden": 0}}, "at least one hidden unit"),
        ({"plan_optimizer": "guess"}, "not that of what was asked"),
        ({"plan_optimizer": "sgd"}, "not that of what was asked"),
        ({"best": None}, "arrays are not those"),
        ({"plan_clip": -1.0}, "positive"),
        ({"step": -1}, "steps"),
        ({"step": 2.5}, "steps"),
        ({"failures": 99}, "steps"),
        ({"loss": "low"}, "not numbers"),
        ({"reserve": 1.0}, "reserved"),
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, Any], message: str) -> None:
    half = Checkpoint(stopped(KINDS[0], TRAINING, "file", 5), TRAINING)
    with pytest.raises(ModelFileError, match=message):
        Checkpoint.from_arrays(changed(half.settings(), **changes), half.arrays())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("parameters", np.nan, "finite"),
        ("state.0", np.inf, "finite"),
        ("best", np.nan, "finite"),
        ("memory.v", -1.0, "negative"),
    ],
)
def test_impossible_values_are_refused(name: str, value: float, message: str) -> None:
    half = Checkpoint(stopped(KINDS[0], TRAINING, "file", 5), TRAINING)
    arrays = {name: array.copy() for name, array in half.arrays().items()}
    arrays[name].flat[1] = value
    with pytest.raises(ModelFileError, match=message):
        Checkpoint.from_arrays(half.settings(), arrays)


def test_carried_symbols_are_in_the_vocabulary() -> None:
    config = RnnConfig("window", hidden=7, context=4)
    half = Checkpoint(stopped(config, TRAINING, "file", 5), TRAINING)
    wrong = half.arrays()["state.0"] + 999
    with pytest.raises(ModelFileError, match="not in its vocabulary"):
        Checkpoint.from_arrays(half.settings(), {**half.arrays(), "state.0": wrong})
    wide = half.arrays()["state.0"].astype(np.int64)
    with pytest.raises(ModelFileError, match=r"state\.0 does not have the shape"):
        Checkpoint.from_arrays(half.settings(), {**half.arrays(), "state.0": wide})


def test_models_and_checkpoints_are_told_apart(tmp_path: Path) -> None:
    run = stopped(KINDS[0], TRAINING, "file", 5)
    tokenizer = training_set().tokenizer
    save_checkpoint(tmp_path / "c", CheckpointFile(Checkpoint(run, TRAINING), tokenizer))
    save(tmp_path / "m", ModelFile(run.model(), tokenizer))
    with pytest.raises(ModelFileError, match=r"c: is no model but a checkpoint.*--resume"):
        load(tmp_path / "c")
    with pytest.raises(ModelFileError, match="m: holds no unfinished training"):
        load_checkpoint(tmp_path / "m")
    damaged = bytearray((tmp_path / "c").read_bytes())
    damaged[-2] ^= 1
    (tmp_path / "c").write_bytes(damaged)
    with pytest.raises(ModelFileError, match="checksum"):
        load_checkpoint(tmp_path / "c")


def test_any_bytes_give_a_run_or_one_line(tmp_path: Path) -> None:
    run = stopped(KINDS[0], TRAINING, "file", 5)
    path = tmp_path / "c"
    save_checkpoint(path, CheckpointFile(Checkpoint(run, TRAINING), training_set().tokenizer))
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        path.write_bytes(damaged[: rng.integers(len(whole)) if rng.random() < 0.5 else None])
        with pytest.raises(ModelFileError, match=str(path)):
            load_checkpoint(path)


def test_every_kind_is_tried() -> None:
    assert {config.pattern for config in KINDS} == set(NETWORKS)
    assert {config.cell for config in KINDS} == set(CELLS)
    assert all(networks.get(5, config) and cells.get(config.cell) for config in KINDS)
