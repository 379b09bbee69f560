"""Same seed, same model: whatever number of workers there is, and however many cores.

Parts, which the plan fixes, decide the bits of a network; `rnn/training/parts.py` says why.
"""

from pathlib import Path

import numpy as np
import pytest

import charlm
from charlm import storage
from charlm.api.names import Preset
from charlm.api.network_training import NetworkTraining
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.inference import scoring
from charlm.rnn.presets import PRESETS
from charlm.rnn.training.optimizers import OPTIMIZERS
from charlm.rnn.training.reduction import here
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import TrainingSet, prepare
from tests.support.models import RNNS, SHAKESPEARE, each, make, recurrent

WORKERS = (1, 2, 3, 4)
TRAINING = TrainingConfig(steps=4, batch=7, window=5, parts=3, dropout=0.25, validations=2)


def data_as(policy: TextPolicy) -> TrainingSet:
    text = Document("text", SHAKESPEARE[:3000].encode())
    return prepare([text], policy, valid_fraction=0.2)


def trained(
    config: RnnConfig, asked: TrainingConfig, data: TrainingSet, threads: int | None, path: Path
) -> bytes:
    """Train by so many workers; return the bytes of the model's file."""
    training = NetworkTraining(config, asked, data)
    run = training.start()
    training.go_on(run, reductions=here(threads))
    storage.save(path, training.trained(run))
    return path.read_bytes()


@each(RNNS)
def test_the_number_of_workers_changes_no_byte(name: str, tmp_path: Path) -> None:
    """Each network is trained by one, and by one of the other numbers, which take turns."""
    config, data = recurrent(name).config, data_as(make(name).tokenizer.policy)
    other = WORKERS[1 + RNNS.index(name) // 2 % 3]  # the two of a pair differ by the sequence
    one, some = (trained(config, TRAINING, data, n, tmp_path / "model") for n in (1, other))
    assert one == some


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_nor_does_it_with_any_optimizer(optimizer: str, tmp_path: Path) -> None:
    asked = TrainingConfig(optimizer, steps=6, batch=33, window=7, parts=4, clip=0.01)
    data, config = data_as(TextPolicy()), RnnConfig(cell="lstm", hidden=21)
    one, *others = (
        trained(config, asked, data, threads, tmp_path / "model") for threads in WORKERS
    )
    assert others == [one] * 3


@pytest.mark.parametrize("preset", PRESETS)
def test_the_cores_of_a_machine_change_no_byte(
    preset: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no option but a preset, and few steps; what is held out is long enough to share."""
    text, files = SHAKESPEARE[:60_000], []
    for number in (1, 2, 5):
        monkeypatch.setattr("charlm.parallel.cores.usable", lambda number=number: number)
        model = charlm.train_rnn(text, preset=preset, steps=2, hidden=24, valid_fraction=0.3)
        model.save(tmp_path / f"{number}")
        files.append((tmp_path / f"{number}").read_bytes())
    assert files == files[:1] * 3


@each(RNNS)
def test_cores_change_no_bit_of_a_score(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a validation chooses the same parameters everywhere."""
    monkeypatch.setattr(scoring, "WORTH_MORE", 1)
    model, ids = recurrent(name), make(name).tokenizer.encode(SHAKESPEARE[:5000])
    scores = []
    for number in (1, 2, 5):
        monkeypatch.setattr("charlm.parallel.cores.usable", lambda number=number: number)
        scores.append(model.score(ids)[0])
    for score in scores[1:]:
        np.testing.assert_array_equal(score, scores[0])


@pytest.mark.parametrize("threads", WORKERS)
def test_parts_do(threads: int, tmp_path: Path) -> None:
    """The law would not notice workers that do all alike; parts make a difference at once."""
    data, config = data_as(TextPolicy()), RnnConfig(cell="gru", hidden=9)
    files = {
        trained(config, asked, data, threads, tmp_path / "model")
        for asked in (TRAINING, TrainingConfig(**{**vars(TRAINING), "parts": 2}))
    }
    assert len(files) == 2
