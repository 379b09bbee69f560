"""Values that no training can have written: met in use without a warning, found by `verify`."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from charlm import storage
from charlm.cli.main import cli
from charlm.errors import ModelFileError
from charlm.trained import TrainedModel
from tests.support.files import resealed
from tests.support.models import make, recurrent
from tests.test_storage import NGRAM, saved


def arrays_with(path: Path, name: str, change: Callable[[np.ndarray], None]) -> TrainedModel:
    """A model whose checksums are right, but one array is not."""
    trained = make(NGRAM)
    arrays = {key: array.copy() for key, array in trained.model.arrays().items()}
    change(arrays[name])
    model = type(trained.model).from_arrays(trained.model.settings(), arrays)
    storage.save(path, TrainedModel(model, trained.tokenizer))
    return storage.load(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38, -1.0])
def test_impossible_weights_are_met_in_use(value: float, tmp_path: Path) -> None:
    """Without a warning, and `verify` finds them all."""
    loaded = arrays_with(tmp_path / "m", "1.backoff", lambda array: array.fill(value))
    ids = np.array([3, 5, 4, 9], np.int32)
    for use in (lambda: loaded.model.score(ids), lambda: loaded.model.log_probs((3,))):
        with pytest.raises(ModelFileError, match="impossible"):
            use()
    with pytest.raises(ModelFileError, match="impossible") if value != 3e38 else nullcontext():
        storage.verify(tmp_path / "m")


def test_unsorted_tables_are_met_in_use(tmp_path: Path) -> None:
    loaded = arrays_with(tmp_path / "m", "2.keys", lambda array: array[1::2].fill(0))
    with pytest.raises(ModelFileError, match="cannot be"):
        list(map(loaded.model.log_probs, zip(range(loaded.model.vocab_size), strict=True)))
    with pytest.raises(ModelFileError, match="cannot be"):
        storage.verify(tmp_path / "m")


@pytest.mark.parametrize("notes", [[{}] * 9, [{"ngrams": "many", "bytes": None}] * 5, ["a"] * 5])
def test_notes_of_a_stranger_are_only_shown(notes: list[object], tmp_path: Path) -> None:
    path = resealed(saved(NGRAM, tmp_path / "m.charlm"), {"notes": notes}, "settings")
    fits = len(notes) == 5 and isinstance(notes[0], dict)
    with nullcontext() if fits else pytest.raises(ModelFileError, match="do not fit"):
        cli.main(["info", str(path)], standalone_mode=False)


@pytest.mark.parametrize("name", ["hidden-elman-relu-file", "hidden-elman-linear-layers-line"])
def test_networks_that_grow_without_end_say_so(name: str) -> None:
    """By the fast path, step by step, drawing, and learning; the text is long, the values legal."""
    trained, model = make(name), recurrent(name)
    arrays = {key: array.copy() for key, array in model.arrays().items()}
    arrays["W"][:] = 3 * np.eye(len(arrays["W"]), dtype=np.float32)
    arrays["b"][:] = 1
    wild = replace(model, parameters=arrays)
    ids = trained.tokenizer.encode("a" * 2000)
    reader, state = wild.adaptive_reader(), wild.initial_state()
    for _ in range(200):
        state = wild.advance(state, 5)
    uses: list[Callable[[], object]] = [
        lambda: wild.score(ids),
        lambda: wild.log_probs(state),
        lambda: list(islice(wild.draws(state, np.random.default_rng(0)), 9)),
        lambda: reader.score(ids),
    ]
    for use in uses:
        with pytest.raises(ModelFileError, match="grow without end"):
            use()


def test_parameters_of_no_network_are_refused() -> None:
    model = recurrent("hidden-gru-tanh-file")
    for value in (1e31, -1e31, np.nan, np.inf):
        arrays = {key: array.copy() for key, array in model.arrays().items()}
        arrays["V"][1, 1] = value
        with pytest.raises(ModelFileError, match="not finite numbers, or too large"):
            type(model).from_arrays(model.settings(), arrays)


@pytest.mark.parametrize(("name", "value"), [("2.backoff", np.inf), ("1.probability", 0.0)])
def test_members_that_give_no_distribution(name: str, value: float) -> None:
    """A gate looks at what its members say, and must not be led by what they cannot say."""
    trained = make("gate-ngrams-file")
    arrays = {key: array.copy() for key, array in trained.model.arrays().items()}
    for key in arrays:
        if key.endswith(("backoff", "probability")) and (value == 0 or key.endswith(name)):
            arrays[key].fill(value)
    model = type(trained.model).from_arrays(trained.model.settings(), arrays)
    with pytest.raises(ModelFileError, match="impossible"):
        model.score(trained.tokenizer.encode("The cat"))
