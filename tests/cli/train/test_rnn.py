"""Training a network: options, presets, checkpoints, signals, fine-tuning, the log."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from charlm import storage
from charlm.api import checkpoints
from charlm.api.checkpoints import CheckpointKeeper, UnfinishedTraining
from charlm.errors import OutputError
from charlm.files.locking import alone
from charlm.parallel.processes import AVAILABLE
from charlm.rnn.model import RnnModel
from charlm.rnn.presets import PRESETS
from charlm.text.tokenizer import SEQUENCES
from charlm.text.units import UNITS
from tests.cli.conftest import Charlm
from tests.cli.train.conftest import Clock

QUICK = ("--hidden", "8", "--batch", "4", "--window", "8", "--validations", "4")
DEFAULTS: tuple[str, ...] = ()
either_way = pytest.mark.parametrize("sizes", [QUICK, DEFAULTS], ids=["quick", "defaults"])
PATIENCE = 300.0  # seconds: a slow machine is no failure
MODEL, CHECKPOINT = Path("book.rnn.charlm"), Path("book.rnn.charlm.checkpoint")


def started(*arguments: str, pause: float = 0.0) -> "subprocess.Popen[str]":
    """The command in a process of its own, writing checkpoints after each pause."""
    code = (
        "from charlm.cli import main; from charlm.api import checkpoints\n"
        f"checkpoints.SHORTEST_PAUSE, checkpoints.PAUSE_PER_COST = {pause}, 0\n"
        "main.run()"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(path: Path) -> None:
    for _ in range(int(PATIENCE / 0.01)):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} did not come")


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process be sent a signal when a training reaches a step."""

    def save_in_time(self: CheckpointKeeper, unfinished: UnfinishedTraining) -> None:
        if unfinished.checkpoint.run.step == step:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(CheckpointKeeper, "save_in_time", save_in_time)


def test_presets_and_what_is_asked_for(charlm: Charlm) -> None:
    few = ("--steps", "2", "--batch", "2", "--window", "4", "--validations", "0")
    assert charlm("train", "rnn", "book.txt", "--preset", "tiny", *few).code == 0
    tiny = storage.load(MODEL)
    assert isinstance(tiny.model, RnnModel)
    assert tiny.model.config.hidden == PRESETS["tiny"]["hidden"]
    assert tiny.record.more["work"] == PRESETS["tiny"]["work"]
    more = ("--hidden", "9", "--layers", "2", "--cell", "lstm", "--optimizer", "adamw")
    rates = ("--schedule", "constant", "--warmup", "0.5", "--momentum", "0.8", "--clip", "2")
    rest = ("--weight-decay", "0.1", "--patience", "3", "--parts", "2", "--dropout", "0.25")
    assert charlm("train", "rnn", "book.txt", *few, *more, *rates, *rest).code == 0
    model = storage.load(MODEL)
    assert model.model.describe() == {
        "pattern": "hidden", "cell": "lstm", "hidden": "9", "layers": "2"
    }  # fmt: skip
    expected = {
        "steps": 2, "optimizer": "adamw", "schedule": "constant", "warmup": 0.5, "momentum": 0.8,
        "clip": 2.0, "weight_decay": 0.1, "patience": 3, "parts": 2, "dropout": 0.25,
    }  # fmt: skip
    assert {name: model.record.to_json()[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (("--pattern", "output", "--trace-decay", "0.5"), "cell:elman(tanh)|hidden:8|trace"),
        (("--pattern", "window", "--context", "3"), "pattern:window|cell:gru|hidden:8|context:3"),
        (("--activation", "relu"), "cell:elman(relu)"),
        (("--epochs", "0.05"), "cell:gru"),
        (("--max-time", "0.2s", "--validations", "0"), "cell:gru"),
    ],
)
def test_patterns_and_lengths(options: tuple[str, ...], shown: str, charlm: Charlm) -> None:
    length = () if "--epochs" in options or "--max-time" in options else ("--steps", "3")
    assert charlm("train", "rnn", "book.txt", *QUICK, *length, *options).code == 0
    assert shown in charlm("info", str(MODEL)).out.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    "options",
    [
        DEFAULTS,
        *((*QUICK, "--dropout", "0.1", "--parts", "2", "--threads", number) for number in "12"),
    ],
    ids=["defaults", "quick", "threads"],
)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_in_good_order(
    number: int, code: int, options: tuple[str, ...], charlm: Charlm
) -> None:
    """A terminal sends it to all processes of a command."""
    command = ("train", "rnn", "book.txt", *options, "--steps", "100000")
    process = started(*command, pause=0.2)
    wait_for(CHECKPOINT)
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    lines = err.splitlines()
    assert lines[0] == "Stopping after this step; again to leave at once."
    assert lines[1].startswith("Stopped after step ")
    assert lines[2].startswith(f"Wrote {MODEL}, ")
    assert lines[3] == f"To go on: charlm {' '.join(command)} --resume"
    step = checkpoints.load(CHECKPOINT).checkpoint.run.step
    assert f"Stopped after step {step:,} of 100,000." == lines[1]
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # nobody is left
    assert charlm("sample", str(MODEL), "--length", "5").code == 0


def test_a_second_signal_leaves_at_once() -> None:
    """Steps that take long: the first signal waits for one, the second does not."""
    code = (
        "import os, signal, time\n"
        "from charlm.cli.interruption import Interruption\n"
        "with Interruption():\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(10_000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 130
    assert done.stderr == "Stopping after this step; again to leave at once.\n"


@pytest.mark.parametrize("options", [DEFAULTS, ("--parts", "3", "--dropout", "0.2")], ids=str)
def test_threads_decide_no_byte_of_a_model(options: tuple[str, ...], charlm: Charlm) -> None:
    """Nor those that a training goes on with."""
    command = ("train", "rnn", "book.txt", "--steps", "6", *options)
    assert charlm(*command).code == 0
    whole = MODEL.read_bytes()
    for threads in "1234":
        assert charlm(*command, "--threads", threads).code == 0
        assert MODEL.read_bytes() == whole
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(3, patch)
        assert charlm(*command, "--threads", "3").code == 130
    assert charlm(*command, "--threads", "2", "--resume").code == 0
    assert MODEL.read_bytes() == whole


def test_parts_are_those_that_a_training_began_with(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("train", "rnn", "book.txt", *QUICK, "--steps", "6")
    with monkeypatch.context() as patch:
        interrupt_at(3, patch)
        assert charlm(*command, "--parts", "3").code == 130
    refused = charlm(*command, "--parts", "2", "--resume")
    assert (refused.code, refused.err) == (2, (
        f"Error: {CHECKPOINT}: is of another training: --parts was 3 and is 2; "
        "type the command as it was, or begin anew with --force in place of --resume\n"
    ))  # fmt: skip
    assert charlm(*command, "--resume").code == 0
    assert storage.load(MODEL).record.more["parts"] == 3


@pytest.mark.skipif(not AVAILABLE, reason="processes cannot be copied here")
@either_way
def test_nothing_is_lost_with_a_worker(sizes: tuple[str, ...], charlm: Charlm) -> None:
    """The system ends a process where memory is short."""
    command = (
        "train",
        "rnn",
        "book.txt",
        *sizes,
        "--steps",
        "24",
        "--parts",
        "2",
        "--threads",
        "2",
    )
    assert charlm(*command).code == 0
    whole = MODEL.read_bytes()
    MODEL.unlink()
    code = (
        "import os, signal\n"
        "from charlm.cli import main\n"
        "from charlm.api.checkpoints import CheckpointKeeper\n"
        "workers, fork = [], os.fork\n"
        "os.fork = lambda: workers.append(fork()) or workers[-1]\n"
        "def save_in_time(self, unfinished):\n"
        "    if unfinished.checkpoint.run.step == 20: os.kill(workers[0], signal.SIGKILL)\n"
        "CheckpointKeeper.save_in_time = save_in_time\n"
        "main.run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: a worker process was ended from outside")
    assert checkpoints.load(CHECKPOINT).checkpoint.run.step == 20
    assert charlm(*command, "--resume").code == 0
    assert MODEL.read_bytes() == whole


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [(*QUICK, "--steps", "60", "--dropout", "0.1"), ("--steps", "30")],
    ids=["quick", "defaults"],
)
def test_killed_training_goes_on_byte_for_byte(options: tuple[str, ...], charlm: Charlm) -> None:
    command = ("train", "rnn", "book.txt", *options)
    assert charlm(*command).code == 0
    whole = MODEL.read_bytes()
    MODEL.unlink()
    code = (
        "import os, signal\n"
        "from charlm.cli import main\n"
        "from charlm.api.checkpoints import CheckpointKeeper\n"
        "def save_in_time(self, unfinished):\n"
        "    if unfinished.checkpoint.run.step == 20:\n"
        "        self.save(unfinished)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "CheckpointKeeper.save_in_time = save_in_time\n"
        "main.run()"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert not MODEL.exists()
    result = charlm(*command, "--resume")
    assert result.code == 0
    assert "Going on at step 20 of " in result.err
    assert MODEL.read_bytes() == whole
    assert not CHECKPOINT.exists()


def test_a_full_disk_does_not_stop_training(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: CheckpointKeeper, unfinished: UnfinishedTraining) -> None:
        raise OutputError("c: cannot be written: No space left on device")

    monkeypatch.setattr(CheckpointKeeper, "save", fails)
    monkeypatch.setattr("charlm.api.checkpoints.SHORTEST_PAUSE", 0.0)
    result = charlm("train", "rnn", "book.txt", *QUICK, "--steps", "9")
    assert result.code == 0
    assert result.err.count("Warning: c: cannot be written: No space left on device; ") == 1


def test_a_second_training_of_one_model_is_refused(charlm: Charlm) -> None:
    with alone(MODEL):
        result = charlm("train", "rnn", "book.txt", *QUICK, "--steps", "9")
    assert result.code == 1
    assert result.err == f"Error: {MODEL}: another run is writing it; give -o another name\n"


def test_a_time_is_used_and_not_exceeded(charlm: Charlm, clock: Clock) -> None:
    """The time of the whole command, with no option but the time; `test_pace.py` has the law."""
    assert charlm("train", "rnn", "book.txt", "--max-time", "20s").code == 0
    assert 18.0 <= clock.now <= 20.0
    assert storage.load(MODEL).record.more["steps"] > 1


@pytest.mark.endurance
def test_a_time_of_the_real_clock_is_used_and_not_exceeded(charlm: Charlm) -> None:
    """On a machine that does nothing else."""
    began = time.perf_counter()
    assert charlm("train", "rnn", "book.txt", "--max-time", "10s").code == 0
    assert 9.0 <= time.perf_counter() - began <= 10.0


def test_an_interrupted_run_has_the_rest_of_its_time(
    charlm: Charlm, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = ("train", "rnn", "book.txt", *QUICK, "--max-time", "20s")
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        assert charlm(*timed).code == 130
    assert checkpoints.load(CHECKPOINT).checkpoint.run.seconds == clock.now == 3.0
    result = charlm(*timed, "--resume")
    assert "Going on at step 2 of " in result.err
    assert 18.0 <= clock.now <= 20.0
    assert storage.load(MODEL).record.more["steps"] > 2


@either_way
def test_the_time_of_all_parts_is_told(
    sizes: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour before the interruption."""
    command = ("train", "rnn", "book.txt", *sizes, "--steps", "9")
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        patch.setattr(CheckpointKeeper, "seconds", 3600.0)
        assert charlm(*command).code == 130
    told = re.search(r" in ([0-9.]+) s\.", charlm(*command, "--resume").err)
    assert told
    assert 3600 <= float(told[1]) < 7200


def test_interrupted_twice_and_the_best_is_kept(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate that spoils the network: what comes after the best never takes its place."""
    command = (
        "train", "rnn", "book.txt", "--hidden", "8", "--batch", "4", "--window", "8",
        "--steps", "100", "--validations", "20", "--optimizer", "sgd", "--learning-rate", "50",
        "--schedule", "constant",
    )  # fmt: skip
    bits: list[float] = []
    for step in (30, 60):
        interrupt_at(step, monkeypatch)
        assert charlm(*command, *(("--resume",) if bits else ())).code == 130
        best = checkpoints.load(CHECKPOINT).checkpoint.run.best
        assert best is not None
        bits.append(best.bits)
        held = storage.load(MODEL)
        assert held.record.more["best_step"] == best.step
        assert held.model.arrays()["V"].tobytes() in best.flat.tobytes()
    assert bits[1] <= bits[0]


@either_way
def test_unchecked_networks_are_kept_as_they_are(
    sizes: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_at(3, monkeypatch)
    command = ("train", "rnn", "book.txt", *sizes, "--steps", "9", "--valid-fraction", "0")
    result = charlm(*command)
    assert result.code == 130
    assert f"Wrote {MODEL}, as it is after step 3." in result.err
    assert "Going on at step 3 of 9." in charlm(*command, "--resume").err


CHANGES = [
    (("--hidden", "9"), "--hidden was 8 and is 9"),
    (("--steps", "20"), "--steps was 9 and is 20"),
    (("--seed", "1"), "--seed was 0 and is 1"),
    (("--preset", "tiny", "--dropout", "0.5"), "--dropout was 0.0 and is 0.5; --preset was"),
    (("--lowercase",), "--lowercase was False and is True"),
    (("--valid-fraction", "0.5"), "--valid-fraction was 0.05 and is 0.5"),
    (("--valid", "other.txt"), "the --valid text is not the same (sha256 none then, "),
    (("--init-from", "base.charlm"), "--init-from is not the same"),
]


def test_another_training_is_not_gone_on_with(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = ("train", "rnn", "book.txt", *QUICK, "--steps", "9")
    assert charlm(*quick, "-o", "base.charlm").code == 0
    interrupt_at(3, monkeypatch)
    assert charlm(*quick).code == 130
    for options, message in CHANGES:
        result = charlm(*quick, *options, "--resume")
        assert result.code == 2
        (line,) = result.err.splitlines()
        assert line.startswith(f"Error: {CHECKPOINT}: is of another training: ")
        assert message in line
        assert line.endswith("as it was, or begin anew with --force in place of --resume")
    Path("book.txt").write_text("another text, " * 999)
    assert "the text is not the same (sha256 " in charlm(*quick, "--resume").err


def test_checkpoints_are_not_lost_in_silence(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = ("train", "rnn", "book.txt", *QUICK, "--steps", "9")
    result = charlm(*quick, "--resume")
    assert result.code == 2
    assert (
        result.err == f"Error: {CHECKPOINT}: no such file, nothing to resume; leave out --resume\n"
    )
    interrupt_at(3, monkeypatch)
    charlm(*quick)
    for command in (("info",), ("sample",)):
        result = charlm(*command, str(CHECKPOINT))
        assert (result.code, result.out) == (1, "")
        assert "is no model but a checkpoint, training that is not finished; " in result.err
    monkeypatch.undo()
    monkeypatch.chdir(CHECKPOINT.absolute().parent)


def test_training_that_is_not_finished_is_not_lost(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a second training, whatever it is of; both ways to go on are named, and work."""
    few = ("train", "rnn", "book.txt", "--steps", "9")
    with monkeypatch.context() as patch:
        interrupt_at(3, patch)
        assert charlm(*few).code == 130
        model, checkpoint = MODEL.read_bytes(), CHECKPOINT.read_bytes()
        for another in (few, (*few, "--hidden", "7"), ("train", "rnn", "other.txt", "-o", MODEL)):
            result = charlm(*map(str, another))
            assert (result.code, result.out) == (1, "")
            assert result.err == (
                f"Error: {CHECKPOINT}: holds training that is not finished; "
                "--resume goes on with it, --force begins anew\n"
            )
            assert (MODEL.read_bytes(), CHECKPOINT.read_bytes()) == (model, checkpoint)
        assert charlm(*few, "--seed", "1", "--force").code == 130
        assert checkpoints.load(CHECKPOINT).checkpoint.run.asked.seed == 1
    assert charlm(*few, "--seed", "1", "--resume").code == 0
    assert not CHECKPOINT.exists()
    assert charlm(*few).code == 0


def test_a_model_that_is_finished_is_not_lost_to_one_that_is_not(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip and Ctrl-C: what took an hour is still there; what was stopped itself is replaced."""
    few = ("train", "rnn", "book.txt", "--steps", "9")
    assert charlm(*few).code == 0
    finished = MODEL.read_bytes()
    again = (*few, "--seed", "1")
    with monkeypatch.context() as patch:
        interrupt_at(3, patch)
        result = charlm(*again)
        assert result.code == 130
        assert f"{MODEL} is left as it is, a model that is finished; " in result.err
        assert MODEL.read_bytes() == finished
        MODEL.unlink()
        for step in (5, 7):
            interrupt_at(step, patch)
            assert f"Wrote {MODEL}, " in charlm(*again, "--resume").err
            assert storage.load(MODEL).record.stopped_after == step
    assert charlm(*again, "--resume").code == 0
    assert storage.load(MODEL).record.stopped_after is None


def test_what_is_no_checkpoint_is_left_alone(charlm: Charlm) -> None:
    CHECKPOINT.write_text("my notes")
    for force in ((), ("--force",)):
        result = charlm("train", "rnn", "book.txt", "--steps", "9", *force)
        assert result.code == 1
        assert f"Error: {CHECKPOINT}: is no checkpoint" in result.err
        assert CHECKPOINT.read_text() == "my notes"


def test_fine_tuning_starts_where_the_model_is(charlm: Charlm) -> None:
    few = ("--steps", "60", "--batch", "4", "--window", "8")
    assert charlm("train", "rnn", "book.txt", "--hidden", "9", "--cell", "lstm", *few).code == 0
    Path("more.txt").write_text(Path("book.txt").read_text()[:3000].replace("e", "a"))
    small = ("--init-from", str(MODEL), "--steps", "1", "--learning-rate", "1e-9")
    result = charlm("train", "rnn", "more.txt", *small, "-o", "tuned.charlm")
    assert result.code == 0
    before, after = (storage.load(name) for name in (MODEL, "tuned.charlm"))
    assert isinstance(after.model, RnnModel)
    assert (after.model.config, after.tokenizer) == (before.model.config, before.tokenizer)  # type: ignore[attr-defined]
    for name, array in before.model.arrays().items():
        np.testing.assert_allclose(after.model.arrays()[name], array, atol=1e-6)
    seen = {*(after.record.texts or ())}
    assert {*(before.record.texts or ())} < seen


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--hidden", "9"), 2, "book.rnn.charlm has --hidden 8; leave the option out"),
        (("--cell", "lstm"), 2, "book.rnn.charlm has --cell gru; leave the option out"),
        (("--unit", "byte"), 2, "book.rnn.charlm has --unit char; leave the option out"),
    ],
)
def test_what_cannot_be_fine_tuned(
    options: tuple[str, ...], code: int, message: str, charlm: Charlm
) -> None:
    charlm("train", "rnn", "book.txt", *QUICK, "--steps", "2")
    Path("foreign.txt").write_text("The 中 of é 9")
    command = ("train", "rnn", "foreign.txt", "--init-from", str(MODEL))
    result = charlm(*command, "--steps", "2", "--valid-fraction", "0", *options)
    assert result.code == code
    assert message in result.err


PATTERNS = [
    ("--unit", unit, "--sequence", sequence) for unit in UNITS for sequence in SEQUENCES
] + [("--pattern", pattern, "--context", "4") for pattern in ("output", "window")]


@pytest.mark.parametrize("options", PATTERNS, ids=" ".join)
def test_fine_tuning_adds_symbols(
    options: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped and gone on with, and in one go; see `test_growth.py` for what stays as it was."""
    base = ("train", "rnn", "book.txt", *QUICK, "--steps", "30", *options, "-o", "base.charlm")
    assert charlm(*base).code == 0
    Path("more.txt").write_text("The 中 of é 9,\nÀ Rome! 中 of é.\n" * 30)
    first = charlm("perplexity", "base.charlm", "more.txt", "--json")
    small = ("train", "rnn", "more.txt", "--init-from", "base.charlm", "--steps", "4")
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        stopped = charlm(*small)
        assert stopped.code == 130
        added = re.findall(r"^Added (\d+) symbols? of the text that base.charlm lacks.$",
                           stopped.err, flags=re.M)  # fmt: skip
        assert bool(added) == ("byte" not in options)
    assert charlm(*small, "--resume").code == 0
    resumed = Path("more.rnn.charlm").read_bytes()
    assert charlm(*small).code == 0
    assert Path("more.rnn.charlm").read_bytes() == resumed
    before, after = (storage.load(name) for name in ("base.charlm", "more.rnn.charlm"))
    symbols = {*before.tokenizer.vocabulary.symbols}
    grown = {*after.tokenizer.vocabulary.symbols}
    assert symbols <= grown
    assert len(grown - symbols) == (int(added[0]) if added else 0)
    second = charlm("perplexity", "more.rnn.charlm", "more.txt", "--json")
    (was,), (now,) = (json.loads(r.out)["results"] for r in (first, second))
    assert now["bits_per_byte"] < was["bits_per_byte"]
    assert now["unknown_symbols"] == 0


def test_only_networks_are_trained_on(charlm: Charlm) -> None:
    charlm("train", "book.txt")
    result = charlm("train", "rnn", "book.txt", "--init-from", "book.ngram.charlm")
    assert result.err == ("Error: book.ngram.charlm: only a recurrent network can be trained on\n")


@either_way
def test_the_log(sizes: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = ("train", "rnn", "book.txt", *sizes, "--steps", "20", "--log", "run.jsonl")
    with monkeypatch.context() as patch:
        interrupt_at(12, patch)
        assert charlm(*quick).code == 130
    log = Path("run.jsonl")
    log.write_text(log.read_text() + '{"step": 13, "sec')  # what a crash leaves
    assert charlm(*quick, "--resume").code == 0
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(1, 21))
    times = storage.load(MODEL).record.more["validations"]
    scored = [20 * i // times for i in range(1, times + 1)]
    assert [row["step"] for row in rows if "held_out_bits_per_char" in row] == scored
    assert set(rows[0]) == {
        "step", "loss_bits_per_symbol", "learning_rate", "gradient_norm", "seconds",
        "symbols_per_second",
    }  # fmt: skip
    seconds = [row["seconds"] for row in rows]
    assert seconds == sorted(seconds)
    result = charlm(*quick)
    assert result.err.endswith(
        "run.jsonl: is the log of another run; --force overwrites it all the same\n"
    )
    assert [json.loads(line) for line in log.read_text().splitlines()] == rows
    assert charlm(*quick, "--force").code == 0
    assert len(log.read_text().splitlines()) == 20
    result = charlm("train", "rnn", "book.txt", *QUICK, "--steps", "2", "--log", "other.txt")
    assert result.code == 1
    assert "other.txt: is not a log of training; --force overwrites" in result.err


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_the_log_counts_as_the_last_line_does(unit: str, sequence: str, charlm: Charlm) -> None:
    """And as `perplexity` does, where symbols are unknown and their spelling costs too."""
    Path("held.txt").write_text("It was é who 中 spake so.\nÀ Rome!\n")
    options = ("--unit", unit, "--sequence", sequence, "--valid", "held.txt")
    quick = ("train", "rnn", "book.txt", *QUICK, "--steps", "4", *options)
    result = charlm(*quick, "--log", "run.jsonl")
    assert result.code == 0
    rows = [json.loads(line) for line in Path("run.jsonl").read_text().splitlines()]
    (counted,) = json.loads(charlm("perplexity", str(MODEL), "held.txt", "--json").out)["results"]
    for name in ("bits_per_symbol", "bits_per_char", "bits_per_byte"):
        figures = [row[f"held_out_{name}"] for row in rows]
        assert min(figures) == pytest.approx(counted[name], rel=1e-6)
    told = re.search(r"Held-out text: ([\d.]+) bits/char", result.err)
    assert told
    assert min(row["held_out_bits_per_char"] for row in rows) == pytest.approx(
        float(told[1]), abs=6e-4
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--steps", "2", "--epochs", "1"), "Choose one of --steps, --epochs and --max-time."),
        (("--max-time", "soon"), "'soon' is no time, as 60s, 10m or 1h"),
        (("--max-time", "0s"), "'0s' is no time"),
        (("--preset", "huge"), "'huge' is not one of 'tiny', 'small', 'medium', 'large'"),
        (("--cell", "lstm", "--pattern", "output"), "the output pattern has no lstm cell"),
        (("--cell", "gru", "--activation", "relu"), "has no activation 'relu'"),
    ],
)
def test_impossible_options(options: tuple[str, ...], message: str, charlm: Charlm) -> None:
    result = charlm("train", "rnn", "book.txt", *options)
    assert result.code == 2
    (line,) = result.err.splitlines()
    assert message in line


def test_the_best_survives_a_divergence(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    """No checkpoint that would lead to it again is in the way of a smaller rate."""
    monkeypatch.setattr("charlm.api.checkpoints.SHORTEST_PAUSE", 0.0)
    options = ("--activation", "linear", "--optimizer", "sgd", "--clip", "1e38")
    rate = ("--learning-rate", "1", "--steps", "500", "--validations", "250")
    result = charlm("train", "rnn", "book.txt", *QUICK, *options, *rate)
    assert result.code == 1
    wrote, error = result.err.splitlines()
    assert wrote.startswith(f"Wrote {MODEL}, the best so far on held-out text, of step ")
    assert "diverged at step" in error
    assert charlm("sample", str(MODEL), "--length", "5").code == 0
    assert not CHECKPOINT.exists()
    assert charlm("train", "rnn", "book.txt", *QUICK, "--steps", "9").code == 0
    finished = MODEL.read_bytes()
    left, _ = charlm("train", "rnn", "book.txt", *QUICK, *options, *rate).err.splitlines()
    assert left.startswith(f"{MODEL} is left as it is, a model that is finished; the checkpoint")
    assert MODEL.read_bytes() == finished
    assert checkpoints.load(CHECKPOINT).checkpoint.run.best is not None
