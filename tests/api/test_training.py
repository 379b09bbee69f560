"""Training from a Python program: fine-tuning, stopping, going on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import charlm
from charlm.api import checkpoints
from charlm.api.checkpoints import CheckpointKeeper
from charlm.api.names import SequenceName
from charlm.errors import OutputError
from charlm.files.locking import alone
from charlm.rnn.training.run import Run
from charlm.text.tokenizer import SEQUENCES
from tests.support.models import TEXT

LINES = "anna\nhanna\njohanna\nann\n" * 30
OTHERS = "otto\nlotte\nçelik\n" * 30
CHECKPOINT = Path("anna.checkpoint")
SMALL: dict[str, Any] = {"hidden": 6, "steps": 12, "batch": 4, "window": 8, "validations": 4}
KEPT: dict[str, Any] = {**SMALL, "checkpoint": CHECKPOINT}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def stop_at(step: int) -> Callable[[Run], bool]:
    return lambda run: run.step == step


def saved(model: charlm.Model) -> bytes:
    model.save("saved.charlm")
    return Path("saved.charlm").read_bytes()


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_stopped_twice_and_gone_on_with_it_is_the_model_of_one_go(sequence: SequenceName) -> None:
    whole = charlm.train_rnn(LINES, sequence=sequence, **SMALL)
    for step in (3, 7):
        model = charlm.train_rnn(LINES, sequence=sequence, resume=True, watch=stop_at(step), **KEPT)
        assert model.info["training"]["stopped_after"] == step
        assert CHECKPOINT.exists()
    model = charlm.train_rnn(LINES, sequence=sequence, resume=True, **KEPT)
    assert saved(model) == saved(whole)
    assert not CHECKPOINT.exists()


def test_a_training_that_was_killed_goes_on_from_its_last_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checkpoints, "SHORTEST_PAUSE", 0.0)
    monkeypatch.setattr(checkpoints, "PAUSE_PER_COST", 0)
    steps: list[int] = []

    def killed(run: Run) -> bool:
        steps.append(run.step)
        if run.step == 5:
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        charlm.train_rnn(LINES, watch=killed, **KEPT)
    model = charlm.train_rnn(LINES, resume=True, **KEPT)
    assert steps == [1, 2, 3, 4, 5]
    assert saved(model) == saved(charlm.train_rnn(LINES, **SMALL))


def test_without_a_checkpoint_watch_stops_all_the_same() -> None:
    model = charlm.train_rnn(LINES, watch=stop_at(2), **SMALL)
    assert model.info["training"]["stopped_after"] == 2
    assert list(Path().iterdir()) == []


def test_fine_tuning_knows_the_symbols_and_texts_of_both() -> None:
    first = charlm.train_rnn(LINES, sequence="line", lowercase=True, **SMALL)
    tuned = charlm.train_rnn(OTHERS, initial=first, steps=3)
    for model in (first, tuned):
        assert "sequence:line" in model.signature
        assert model.info["settings"]["hidden"] == 6
    texts = [text["sha256"] for text in tuned.info["training"]["texts"]]
    assert texts[1:] == [text["sha256"] for text in first.info["training"]["texts"]]
    known = tuned.trained.tokenizer.vocabulary.symbols
    assert {*first.trained.tokenizer.vocabulary.symbols, "ç"} < {*known}
    assert tuned.perplexity(OTHERS) < first.perplexity(OTHERS)


def test_fine_tuning_names_the_file_that_its_model_is_saved_as() -> None:
    first = charlm.train_rnn(LINES, **SMALL)
    at_hand = charlm.train_rnn(OTHERS, initial=first, steps=3)
    first.save("first.charlm")
    loaded = charlm.train_rnn(OTHERS, initial=charlm.load("first.charlm"), steps=3)
    assert at_hand.info["training"]["init_from"] == loaded.info["training"]["init_from"]
    assert saved(at_hand) == saved(loaded)


def test_fine_tuning_is_stopped_and_gone_on_with() -> None:
    first = charlm.train_rnn(LINES, **SMALL)
    tuning: dict[str, Any] = {"initial": first, "steps": 6}
    charlm.train_rnn(OTHERS, checkpoint=CHECKPOINT, watch=stop_at(2), **tuning)
    model = charlm.train_rnn(OTHERS, checkpoint=CHECKPOINT, resume=True, **tuning)
    assert saved(model) == saved(charlm.train_rnn(OTHERS, **tuning))


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        (LINES, {"hidden": 7}, "hidden was 6 and is 7"),
        (LINES, {"preset": "tiny"}, "work was 7000000000000.0 and is 500000000000.0"),
        (LINES, {"max_seconds": 9.0, "steps": None}, "max_seconds was None and is 9.0"),
        (LINES, {"lowercase": True}, "lowercase was False and is True"),
        (LINES, {"valid": "anna"}, "the valid text is not the same"),
        (OTHERS, {}, "the text is not the same"),
    ],
)
def test_another_training_is_not_gone_on_with(
    texts: str, options: dict[str, Any], message: str
) -> None:
    charlm.train_rnn(LINES, watch=stop_at(2), **KEPT)
    before = CHECKPOINT.read_bytes()
    with pytest.raises(
        charlm.UsageError, match=r"is of another training: .*; give texts and op"
    ) as e:
        charlm.train_rnn(texts, resume=True, **KEPT | options)
    assert message in str(e.value)
    assert CHECKPOINT.read_bytes() == before


def test_training_that_is_not_finished_is_not_lost() -> None:
    charlm.train_rnn(LINES, watch=stop_at(2), **KEPT)
    before = CHECKPOINT.read_bytes()
    with pytest.raises(charlm.OutputError, match="not finished; resume=True goes on with it; rem"):
        charlm.train_rnn(LINES, **KEPT)
    assert CHECKPOINT.read_bytes() == before


def test_what_is_no_checkpoint_is_left_alone() -> None:
    CHECKPOINT.write_text("my notes")
    with pytest.raises(charlm.OutputError, match="is no checkpoint, and one is to stand there; gi"):
        charlm.train_rnn(LINES, **KEPT)
    with pytest.raises(charlm.ModelFileError):
        charlm.train_rnn(LINES, resume=True, **KEPT)
    assert CHECKPOINT.read_text() == "my notes"


def test_two_trainings_do_not_share_a_checkpoint() -> None:
    with alone(CHECKPOINT), pytest.raises(charlm.OutputError, match="give checkpoint another name"):
        charlm.train_rnn(LINES, **KEPT)


def test_a_full_disk_does_not_stop_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: CheckpointKeeper, unfinished: object) -> None:
        raise OutputError("c: cannot be written: No space left on device")

    monkeypatch.setattr(CheckpointKeeper, "save", fails)
    monkeypatch.setattr(checkpoints, "SHORTEST_PAUSE", 0.0)
    with pytest.warns(RuntimeWarning, match="No space left on device; training goes on") as told:
        model = charlm.train_rnn(LINES, **KEPT)
    assert len(told) == 1
    assert saved(model) == saved(charlm.train_rnn(LINES, **SMALL))


LATIN_1 = "anna, zoë\n" * 30


@pytest.mark.parametrize(
    ("train", "options", "advice"),
    [
        (charlm.train_ngram, {}, "try encoding=NAME, errors='replace' or unit='byte'"),
        (charlm.train_rnn, SMALL, "try encoding=NAME, errors='replace' or unit='byte'"),
        (charlm.train_ngram, {"encoding": "ascii"}, "try errors='replace' or unit='byte'"),
        (charlm.train_ngram, {"unit": "word"}, "try encoding=NAME or errors='replace'"),
    ],
)
def test_errors_of_texts_advise_what_a_program_can_give(
    train: Callable[..., charlm.Model], options: dict[str, Any], advice: str
) -> None:
    Path("zoe.txt").write_text(LATIN_1, encoding="latin-1")
    with pytest.raises(charlm.TextError) as error:
        train(Path("zoe.txt"), **options)
    assert str(error.value).endswith(f"; {advice}")
    mended = charlm.train_ngram(Path("zoe.txt"), encoding="latin-1")
    assert mended.perplexity(LATIN_1) == charlm.train_ngram(LATIN_1).perplexity(LATIN_1)


@pytest.mark.parametrize(
    "read",
    [
        lambda model, path: model.perplexity(path),
        lambda model, path: model.score(path),
        lambda model, path: model.novelty("anna", path),
        lambda model, path: charlm.mix([model, model], path),
    ],
    ids=["perplexity", "score", "novelty", "mix"],
)
def test_functions_without_options_for_files_advise_none(
    read: Callable[[charlm.Model, Path], object],
) -> None:
    Path("zoe.txt").write_text(LATIN_1, encoding="latin-1")
    with pytest.raises(charlm.TextError, match=r"not valid utf-8; try a copy of it in UTF-8$"):
        read(charlm.train_ngram(LATIN_1), Path("zoe.txt"))


@pytest.mark.parametrize("options", [{}, {"valid": LINES}])
def test_strings_are_not_decoded(options: dict[str, Any]) -> None:
    Path("zoe.txt").write_text(LATIN_1, encoding="latin-1")
    texts = Path("zoe.txt") if options else LATIN_1
    with pytest.raises(charlm.UsageError, match="a string is text already; give a Path"):
        charlm.train_ngram(texts, encoding="latin-1", **options)


def test_a_checkpoint_that_is_opened_as_a_model_says_what_goes_on_with_it() -> None:
    charlm.train_rnn(LINES, watch=stop_at(2), **KEPT)
    with pytest.raises(charlm.ModelFileError) as error:
        charlm.load(CHECKPOINT)
    assert str(error.value) == (
        f"{CHECKPOINT}: is no model but a checkpoint, training that is not finished; "
        "charlm.train_rnn(..., checkpoint=..., resume=True) goes on with it"
    )


DIVERGING: dict[str, Any] = {
    **SMALL,
    "activation": "linear",
    "optimizer": "sgd",
    "clip": 1e38,
    "learning_rate": 1.0,
    "steps": 500,
    "validations": 250,
    "valid_fraction": 0.2,
}


def test_the_best_model_survives_a_divergence() -> None:
    """In the error, and in the checkpoint for a program that let the error end it."""
    with pytest.raises(charlm.TrainingError, match="diverged at step") as error:
        charlm.train_rnn(LINES, **DIVERGING)
    best = error.value.best
    record = best.info["training"]
    assert 0 < record["best_step"] <= record["stopped_after"]
    with pytest.raises(charlm.TrainingError):
        charlm.train_rnn(LINES, checkpoint=CHECKPOINT, **DIVERGING)
    kept = checkpoints.load(CHECKPOINT)
    assert kept.checkpoint.run.best is not None
    with pytest.raises(charlm.TrainingError, match="diverged at step") as again:
        charlm.train_rnn(LINES, checkpoint=CHECKPOINT, resume=True, **DIVERGING)
    assert str(again.value) == str(error.value)
    assert saved(again.value.best) == saved(best)


def test_a_divergence_without_a_held_out_text_has_no_best_model() -> None:
    with pytest.raises(charlm.TrainingError) as error:
        charlm.train_rnn(LINES, **DIVERGING | {"valid_fraction": 0.0})
    assert error.value.best is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": 7}, "^the initial model has hidden 6; leave the option out"),
        ({"unit": "byte"}, "^the initial model has unit char; leave the option out"),
        ({"resume": True}, "^to resume is to go on from a checkpoint; say which"),
    ],
)
def test_impossible_options(options: dict[str, Any], message: str) -> None:
    first = charlm.train_rnn(LINES, **SMALL)
    with pytest.raises(charlm.UsageError, match=message):
        charlm.train_rnn(LINES, initial=first, steps=2, **options)


def test_the_name_of_a_file_is_no_initial_model() -> None:
    name: Any = "first.charlm"
    with pytest.raises(charlm.UsageError, match=r"open its file: charlm\.load\('first.charlm'\)"):
        charlm.train_rnn(LINES, initial=name, steps=2)


def test_only_networks_are_trained_on() -> None:
    with pytest.raises(charlm.UsageError, match="only a recurrent network can be trained on"):
        charlm.train_rnn(LINES, initial=charlm.train_ngram(LINES), steps=2)


def test_a_model_is_no_checkpoint_and_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "m.charlm"
    charlm.train_ngram(TEXT, order=1).save(path)
    before = path.read_bytes()
    for resume, message in ((False, "is no checkpoint"), (True, "holds no unfinished training")):
        with pytest.raises(charlm.CharlmError, match=f"m.charlm: {message}"):
            charlm.train_rnn(TEXT, hidden=4, steps=2, checkpoint=path, resume=resume)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("given", "message"),
    [("m.charlm", r"open its file: charlm.load\('m.charlm'\)"), (5, "a charlm.Model, not int")],
)
def test_what_is_no_model_is_refused_in_a_line(given: Any, message: str) -> None:
    with pytest.raises(charlm.UsageError, match=f"initial is .*{message}"):
        charlm.train_rnn(TEXT, initial=given, steps=1)
    with pytest.raises(charlm.UsageError, match=f"model 1 is .*{message}"):
        charlm.mix([given, given], tune=TEXT)


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    """They are written into the record, and JSON knows no others than Python's."""
    numbers: dict[str, Any] = {"seed": np.int64(3), "valid_fraction": np.float64(0.25)}
    charlm.train_ngram(TEXT, order=1, **numbers).save(tmp_path / "numpy")
    charlm.train_ngram(TEXT, order=1, seed=3, valid_fraction=0.25).save(tmp_path / "python")
    assert (tmp_path / "numpy").read_bytes() == (tmp_path / "python").read_bytes()


def test_a_difference_is_named_as_python_names_it(tmp_path: Path) -> None:
    network = charlm.train_rnn(TEXT, hidden=4, steps=2)
    choices: dict[str, Any] = {"hidden": 4, "steps": 5, "checkpoint": tmp_path / "c"}
    charlm.train_rnn(TEXT, watch=lambda run: run.step == 2, **choices)
    with pytest.raises(charlm.UsageError, match="initial is not the same"):
        charlm.train_rnn(TEXT, initial=network, resume=True, **choices)


def test_a_model_does_not_replace_training_that_is_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "c"
    half = charlm.train_rnn(
        TEXT, hidden=4, steps=5, checkpoint=path, watch=lambda run: run.step == 2
    )
    before = path.read_bytes()
    with pytest.raises(charlm.OutputError, match="is not a charlm model; force=True"):
        half.save(path)
    assert path.read_bytes() == before
