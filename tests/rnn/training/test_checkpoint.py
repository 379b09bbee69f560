"""Training in one go, and training that was stored half-way, come out alike."""

from copy import deepcopy
from dataclasses import fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from charlm.api import checkpoints
from charlm.api.checkpoints import UnfinishedTraining
from charlm.errors import ModelFileError
from charlm.rnn import cells, networks
from charlm.rnn.cells import CELLS
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.networks import NETWORKS
from charlm.rnn.presets import PRESETS, configure
from charlm.rnn.training import plan as planning
from charlm.rnn.training.checkpoint import Checkpoint
from charlm.rnn.training.loop import go_on, start
from charlm.rnn.training.optimizers import OPTIMIZERS
from charlm.rnn.training.plan import CHOICES
from charlm.rnn.training.run import Run, Texts, result
from charlm.storage import load, save
from charlm.text.tokenizer import SEQUENCES
from charlm.trained import TrainedModel
from tests.support.models import training_set

TRAINING = TrainingConfig(
    optimizer="adamw", steps=8, batch=4, window=5, validations=4, dropout=0.2, parts=2
)
KINDS = [
    RnnConfig(pattern, cell, activation, hidden=7, context=4, trace_decay=0.5)
    for pattern, cell in product(NETWORKS, CELLS)
    if cell in (NETWORKS[pattern].cells or CELLS)
    for activation in CELLS[cell].activations
] + [
    RnnConfig(cell="lstm", hidden=7, layers=2),
    RnnConfig(cell="gru", hidden=7, ngrams=3, rows=20),
]


def texts(sequence: str = "file") -> Texts:
    data = training_set(sequence)
    (ids,) = data.train
    return Texts((ids[300:],), (ids[:300],), data.tokenizer.vocab_size, data.tokenizer.end)


def stopped(config: RnnConfig, training: TrainingConfig, sequence: str, step: int) -> Run:
    run = start(texts(sequence), config, training)
    go_on(run, texts(sequence), watch=lambda run: run.step == step)
    return run


@pytest.mark.parametrize("training", [TRAINING, TrainingConfig(steps=8)], ids=["all", "defaults"])
@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("config", KINDS, ids=lambda c: " ".join(c.describe().values()))
def test_going_on_gives_the_bytes_of_one_go(
    config: RnnConfig, sequence: str, training: TrainingConfig, tmp_path: Path
) -> None:
    whole = stopped(config, training, sequence, -1)
    tokenizer = training_set(sequence).tokenizer
    half = Checkpoint(stopped(config, training, sequence, 5))
    checkpoints.save(tmp_path / "half", UnfinishedTraining(half, tokenizer))
    restored = checkpoints.load(tmp_path / "half").checkpoint
    assert restored.run.asked == training
    assert restored.run.step == 5
    go_on(restored.run, texts(sequence))
    for name, run in (("whole", whole), ("resumed", restored.run)):
        checkpoints.save(tmp_path / name, UnfinishedTraining(Checkpoint(run), tokenizer))
        save(tmp_path / f"{name}.model", TrainedModel(result(run).model, tokenizer))
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
    half = Checkpoint(stopped(RnnConfig(hidden=8), training, "file", step))
    assert half.run.failures > 0
    run = Checkpoint.from_arrays(half.settings(), half.arrays()).run
    go_on(run, texts())
    assert (run.step, run.failures) == (whole.step, whole.failures) != (40, 0)
    assert run.best is not None
    assert whole.best is not None
    assert (run.best.step, run.best.bits) == (whole.best.step, whole.best.bits)


LENGTHS: list[dict[str, Any]] = [{}, {"steps": 3}, {"epochs": 2.5}, {"max_seconds": 0.3}]
OTHERWISE: dict[str, Any] = {
    "optimizer": "sgd", "learning_rate": 0.1, "schedule": "constant", "warmup": 0.5,
    "final_rate": 1.0, "momentum": 0.5, "weight_decay": 0.3, "clip": 2.0, "dropout": 0.5,
    "batch": 3, "window": 7, "steps": 4, "epochs": 0.1, "max_seconds": 0.2, "work": 1e9,
    "validations": 40, "patience": 2, "parts": 2, "seed": 5,
}  # fmt: skip


def restored(run: Run, asked: TrainingConfig, path: Path) -> Checkpoint:
    """A run by way of a file; what comes back is what went in."""
    stored = Checkpoint(run)
    checkpoints.save(path, UnfinishedTraining(stored, training_set().tokenizer))
    found = checkpoints.load(path).checkpoint
    assert (found.run.asked, found.settings()) == (asked, stored.settings())
    assert found.arrays().keys() == stored.arrays().keys()
    for name, array in stored.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)
    return found


@pytest.mark.parametrize("length", LENGTHS, ids=str)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("config", KINDS, ids=lambda c: " ".join(c.describe().values()))
def test_whatever_is_chosen_can_be_gone_on_with(
    config: RnnConfig, optimizer: str, length: dict[str, Any], tmp_path: Path
) -> None:
    """With no option but a length, for texts of any length, held out or not."""
    asked = TrainingConfig(optimizer, **length)
    ids, tokenizer = np.arange(700, dtype=np.int32) % 7, training_set().tokenizer
    for size, held_out in ((1, 0), (2, 2), (33, 0), (700, 40)):
        if size < 700 and "max_seconds" in length:
            continue
        run = start(Texts((ids[:size],), (ids[:held_out],), tokenizer.vocab_size), config, asked)
        assert restored(run, asked, tmp_path / "c").run.plan == run.plan


@pytest.mark.parametrize("name", [field.name for field in fields(TrainingConfig)])
def test_whatever_is_asked_for_can_be_gone_on_with(name: str, tmp_path: Path) -> None:
    asked = TrainingConfig(**{name: OTHERWISE[name]})
    assert getattr(asked, name) != getattr(TrainingConfig(), name)
    run = start(texts(), RnnConfig(hidden=7), asked)
    go_on(run, texts(), watch=lambda run: run.step == 2)
    restored(run, asked, tmp_path / "c")


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_preset_can_be_gone_on_with(preset: str, optimizer: str, tmp_path: Path) -> None:
    config, asked = configure(preset, {"optimizer": optimizer, "hidden": 7})
    restored(start(texts(), config, asked), asked, tmp_path / "c")


def test_what_is_not_declared_as_a_choice_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that were to choose it could not be made at all."""
    for name in CHOICES.keys() - {"epochs", "max_seconds"}:  # which are never set
        others = {choice: kind for choice, kind in CHOICES.items() if choice != name}
        monkeypatch.setattr(planning, "CHOICES", others)
        with pytest.raises(TypeError, match=f"multiple values for keyword argument '{name}'"):
            start(texts(), RnnConfig(hidden=7), TrainingConfig())


def changed(settings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Settings with entries replaced; those of the plan by plan_NAME, what was asked by asked_."""
    settings = deepcopy(settings)
    for name, value in changes.items():
        part, _, field = name.partition("_")
        if part in ("plan", "asked"):
            settings[part][field] = value
        else:
            settings[name] = value
    return settings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plan_batch": 10**9}, "batch of its plan is not that of what was asked"),
        ({"plan_window": 10**9}, "window of its plan is not that of what was asked"),
        ({"plan_parts": 10**9}, "parts of its plan is not that of what was asked"),
        ({"plan_parts": 5, "asked_parts": 9}, "parts of its plan"),
        ({"plan_parts": 17, "asked_parts": None}, "parts of its plan"),
        ({"plan_steps": 9}, "steps of its plan"),
        ({"plan_validations": 10**9}, "validations of its plan"),
        ({"plan_validations": 10**9, "asked_validations": None}, "validations of its plan"),
        ({"plan_epochs": 1.0, "plan_steps": 8}, "choose one of steps, epochs"),
        ({"plan_steps": None}, "steps must be a number"),
        ({"plan_learning_rate": None}, "learning_rate must be a number"),
        ({"plan_validations": None}, "validations must be a number"),
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
    half = Checkpoint(stopped(KINDS[0], TRAINING, "file", 5))
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
    half = Checkpoint(stopped(KINDS[0], TRAINING, "file", 5))
    arrays = {name: array.copy() for name, array in half.arrays().items()}
    arrays[name].flat[1] = value
    with pytest.raises(ModelFileError, match=message):
        Checkpoint.from_arrays(half.settings(), arrays)


def test_carried_symbols_are_in_the_vocabulary() -> None:
    config = RnnConfig("window", hidden=7, context=4)
    half = Checkpoint(stopped(config, TRAINING, "file", 5))
    wrong = half.arrays()["state.0"] + 999
    with pytest.raises(ModelFileError, match="not in its vocabulary"):
        Checkpoint.from_arrays(half.settings(), {**half.arrays(), "state.0": wrong})
    wide = half.arrays()["state.0"].astype(np.int64)
    with pytest.raises(ModelFileError, match=r"state\.0 does not have the shape"):
        Checkpoint.from_arrays(half.settings(), {**half.arrays(), "state.0": wide})


def test_models_and_checkpoints_are_told_apart(tmp_path: Path) -> None:
    run = stopped(KINDS[0], TRAINING, "file", 5)
    tokenizer = training_set().tokenizer
    checkpoints.save(tmp_path / "c", UnfinishedTraining(Checkpoint(run), tokenizer))
    save(tmp_path / "m", TrainedModel(run.model(), tokenizer))
    with pytest.raises(ModelFileError, match=r"c: is no model but a checkpoint.*resume=True"):
        load(tmp_path / "c")
    with pytest.raises(ModelFileError, match="m: holds no unfinished training"):
        checkpoints.load(tmp_path / "m")
    damaged = bytearray((tmp_path / "c").read_bytes())
    damaged[-2] ^= 1
    (tmp_path / "c").write_bytes(damaged)
    with pytest.raises(ModelFileError, match="checksum"):
        checkpoints.load(tmp_path / "c")


def test_any_bytes_give_a_run_or_one_line(tmp_path: Path) -> None:
    run = stopped(KINDS[0], TRAINING, "file", 5)
    path = tmp_path / "c"
    checkpoints.save(path, UnfinishedTraining(Checkpoint(run), training_set().tokenizer))
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        path.write_bytes(damaged[: rng.integers(len(whole)) if rng.random() < 0.5 else None])
        with pytest.raises(ModelFileError, match=str(path)):
            checkpoints.load(path)


@pytest.mark.parametrize("asked", [None, 3])
def test_threads_of_older_checkpoints_are_parts(asked: int | None) -> None:
    """They were as many as there were cores, up to sixteen, and decided what parts decide now."""
    training = replace(TRAINING, parts=3)
    whole = stopped(KINDS[0], training, "file", -1)
    half = Checkpoint(stopped(KINDS[0], training, "file", 5))
    older = half.settings()
    older["plan"]["threads"] = older["plan"].pop("parts")
    older["asked"] = {n: v for n, v in older["asked"].items() if n != "parts"} | {"threads": asked}
    run = Checkpoint.from_arrays(older, half.arrays()).run
    assert (run.plan.parts, run.asked.parts) == (3, asked)
    go_on(run, texts())
    assert run.parameters.flat.tobytes() == whole.parameters.flat.tobytes()


def test_a_run_within_a_time_keeps_its_parts() -> None:
    """Its plan is made anew after each step, but not by halves of an older version's parts."""
    half = Checkpoint(stopped(RnnConfig(hidden=7), TrainingConfig(max_seconds=60), "file", 2))
    older = half.settings()
    older["plan"]["threads"] = older["plan"].pop("parts") + 4
    run = Checkpoint.from_arrays(older, half.arrays()).run
    go_on(run, texts(), watch=lambda run: run.step == 4)
    assert run.plan.parts == half.run.plan.parts + 4


def test_every_kind_is_tried() -> None:
    assert {config.pattern for config in KINDS} == set(NETWORKS)
    assert {config.cell for config in KINDS} == set(CELLS)
    assert all(networks.get(5, config) and cells.get(config.cell) for config in KINDS)
