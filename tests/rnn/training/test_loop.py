import numpy as np
import pytest

from charlm.errors import TextError, TrainingError, UsageError, WorkerError
from charlm.progress import Progress
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.layers.initialization import output_biases
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import NETWORKS, Window, get
from charlm.rnn.training import loop
from charlm.rnn.training.batches import Batches, as_events
from charlm.rnn.training.loop import go_on, start, unknown_share, validate
from charlm.rnn.training.optimizers import OPTIMIZERS, clip_by_norm
from charlm.rnn.training.plan import Plan
from charlm.rnn.training.run import Run, Texts, result
from tests.support.models import training_set
from tests.support.training import fit

DATA = training_set()
TEXTS = Texts.of(DATA)
SMALL = RnnConfig(hidden=16)


def held_out(length: int = 200) -> Texts:
    ids = DATA.train[0]
    return Texts((ids[length:],), (ids[:length],), TEXTS.vocab_size)


def test_training_learns() -> None:
    trained = fit(held_out(), SMALL, TrainingConfig(steps=400, batch=8, window=16))
    assert trained.held_out_bits is not None
    unigram = -np.log2(np.maximum(np.bincount(DATA.train[0]), 1) / len(DATA.train[0]))
    assert trained.held_out_bits < unigram[held_out().held_out[0]].mean() - 0.5


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_same_seed_same_parameters(optimizer: str, parts: int) -> None:
    config = TrainingConfig(
        optimizer, learning_rate=0.01, dropout=0.1, batch=16, parts=parts, steps=5
    )
    one, two = (fit(TEXTS, SMALL, config).model.arrays() for _ in range(2))
    other = fit(TEXTS, SMALL, TrainingConfig(optimizer, 0.01, steps=5, seed=1)).model.arrays()
    for name, array in one.items():
        assert array.tobytes() == two[name].tobytes()
        assert array.dtype == np.float32
    assert one["W"].tobytes() != other["W"].tobytes()


def test_the_steps_are_those_of_the_formulas() -> None:
    """Three steps of SGD by hand: carried state, clipping, momentum, schedule, in this order."""
    settings = TrainingConfig(
        "sgd", 0.5, batch=4, window=5, steps=3, clip=0.1, momentum=0.5, validations=0
    )
    inputs, targets = as_events(TEXTS.train, TEXTS.vocab_size, None)
    batches = Batches(inputs, targets, 4, 5)
    network = get(TEXTS.vocab_size, SMALL)
    parameters = Parameters.of(network.initialize(np.random.default_rng(settings.seed)))
    parameters["V"][:], parameters["c"][:] = 0, output_biases(targets, TEXTS.vocab_size)
    gradients = Parameters(network.shapes())
    state, unrolled = network.zero_state(4, np.float32), network.unroll(5, 4, np.float32)
    moving = np.zeros_like(gradients.flat)
    for step in range(3):
        _, state, _ = unrolled.learn(parameters, Window(*batches[step]), state, gradients)
        assert clip_by_norm(gradients.flat, 0.1) > 0.1
        moving = moving / 2 + gradients.flat
        plan = Plan(steps=3, learning_rate=0.5)
        parameters.flat -= np.float32(plan.rate(step)) / 2 * moving
    for name, array in fit(TEXTS, SMALL, settings).model.arrays().items():
        np.testing.assert_allclose(array, parameters[name], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("pattern", NETWORKS)
def test_a_network_starts_as_the_unigram(pattern: str) -> None:
    """Nearly, of a long text; of a short one nearer to equal shares."""
    (ids,) = DATA.train
    unigram = -np.log2(np.bincount(ids)[ids] / len(ids)).mean()
    config = RnnConfig(pattern, hidden=4, context=2)
    for times, near in ((30, 0.01), (1, 1.5)):
        run = start(Texts((np.tile(ids, times),), (), TEXTS.vocab_size), config, TrainingConfig())
        bits = loop.bits_per_symbol(run.model(), [ids])
        assert unigram < bits < unigram + near
        assert bits <= np.log2(TEXTS.vocab_size) + 0.01


def test_the_best_on_held_out_text_is_kept() -> None:
    """With a rate that soon spoils the network, an early step must win."""
    config = TrainingConfig("sgd", 50.0, steps=40, warmup=0, final_rate=1, validations=20)
    reports: list[Progress] = []
    trained = fit(held_out(), RnnConfig(activation="tanh", hidden=8), config, reports.append)
    model_bits = loop.bits_per_symbol(trained.model, held_out().held_out)
    assert trained.held_out_bits == pytest.approx(model_bits)
    shown = [r.figures["held out"] for r in reports if "held out" in r.figures]
    assert min(shown) == trained.held_out_bits
    assert shown[-1] > min(shown)


def test_patience_ends_training() -> None:
    config = TrainingConfig(
        "sgd", 50.0, steps=40, warmup=0, final_rate=1, validations=20, patience=3
    )
    run = start(held_out(), RnnConfig(hidden=8), config)
    go_on(run, held_out())
    assert run.best is not None
    assert run.failures == 3
    assert run.step == run.best.step + 3 * 2 < 40
    assert result(run).step == run.best.step


@pytest.mark.parametrize("parts", [1, 2])
def test_a_run_that_is_broken_off_goes_on_as_if_it_had_not_been(parts: int) -> None:
    """Dropout, momentum, carried state, schedule, the loss shown, the best: bit for bit."""
    config = TrainingConfig(steps=12, batch=16, window=8, parts=parts, dropout=0.2, validations=4)
    lstm = RnnConfig(cell="lstm", hidden=8, layers=2)
    whole, broken = (start(held_out(), lstm, config) for _ in range(2))
    told: dict[str, list[Progress]] = {"whole": [], "broken": []}
    go_on(whole, held_out(), told["whole"].append)
    go_on(broken, held_out(), told["broken"].append, lambda run: run.step == 5)
    assert (broken.step, broken.finished) == (5, False)
    go_on(broken, held_out(), told["broken"].append)
    assert broken.parameters.flat.tobytes() == whole.parameters.flat.tobytes()
    assert [part.tobytes() for part in broken.state] == [part.tobytes() for part in whole.state]
    assert result(broken).held_out_bits == result(whole).held_out_bits
    assert told["broken"] == told["whole"]


@pytest.mark.parametrize("failing", [1, 2, 4])
def test_a_validation_that_fails_is_made_up_for(
    failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last too, after which there is no step to take."""
    config = TrainingConfig(steps=12, batch=4, window=8, validations=4)
    whole, broken = (start(held_out(), SMALL, config) for _ in range(2))
    go_on(whole, held_out())
    left = failing

    def validate_or_fail(run: Run, texts: Texts) -> float:
        nonlocal left
        left -= 1
        if not left:
            raise WorkerError
        return validate(run, texts)

    monkeypatch.setattr(loop, "validate", validate_or_fail)
    with pytest.raises(WorkerError):
        go_on(broken, held_out())
    go_on(broken, held_out())
    assert result(broken).held_out_bits == result(whole).held_out_bits
    assert (result(broken).step, broken.failures) == (result(whole).step, whole.failures)


def test_decay_shrinks_weights() -> None:
    plain, decayed = (
        fit(TEXTS, SMALL, TrainingConfig(name, 0.01, steps=20, batch=4, window=8)).model.parameters
        for name in ("adam", "adamw")
    )
    assert np.linalg.norm(decayed["W"]) < np.linalg.norm(plain["W"])


def test_progress_is_reported_each_step() -> None:
    reports: list[Progress] = []
    fit(TEXTS, SMALL, TrainingConfig(steps=7), reports.append)
    assert [(r.stage, r.done, r.total) for r in reports] == [
        ("training", i, 7) for i in range(1, 8)
    ]
    assert all(r.figures["loss"] > 0 for r in reports)


def test_divergence_stops_with_the_step_and_the_array() -> None:
    config = TrainingConfig("sgd", 1e38, steps=50, clip=1e38)
    with pytest.raises(TrainingError, match=r"diverged at step \d+: .* smaller learning rate"):
        fit(TEXTS, RnnConfig(activation="linear", hidden=8), config)


@pytest.mark.parametrize("length", [1, 2, 5, 40])
def test_short_texts_shrink_the_batch(length: int) -> None:
    texts = Texts((DATA.train[0][:length],), (), TEXTS.vocab_size)
    trained = fit(texts, SMALL, TrainingConfig(steps=3))
    assert trained.plan.batch * trained.plan.window <= length
    assert np.isfinite(trained.model.score(DATA.train[0][:50])[0]).all()


def test_nothing_to_learn() -> None:
    with pytest.raises(TextError, match="empty"):
        fit(Texts((np.empty(0, np.int32),), (), 5), SMALL, TrainingConfig(steps=1))


def test_share_of_the_unknown() -> None:
    # a text of 8 symbols over 3 known ones, one of them seen once: (1 + 1) / (8 + 3 + 1)
    text = np.array([1, 1, 1, 2, 1, 3, 2, 2], np.int32)
    assert unknown_share(text, 4) == pytest.approx(2 / 12)
    assert unknown_share(np.array([0, 1, 2], np.int32), 4) == 0.0


def test_unknown_gets_its_reserve() -> None:
    model = fit(TEXTS, SMALL, TrainingConfig(steps=2)).model
    log_probs = model.log_probs(model.initial_state())
    assert np.exp(log_probs[0]) == pytest.approx(model.reserve)
    assert not model.parameters["U"][:, 0].any()  # and to read it says nothing


def test_events_start_with_start() -> None:
    streams = [np.array(s, np.int32) for s in ([1, 3, 2, 3], [], [2, 1])]
    inputs, targets = as_events(streams, start=4, end=3)
    assert targets.tolist() == [1, 3, 2, 3, 2, 1]
    assert inputs.tolist() == [4, 1, 4, 2, 4, 2]
    assert as_events(streams, start=4, end=None)[0].tolist() == [4, 1, 3, 2, 4, 2]
    assert as_events([streams[0], streams[1]], 4, None)[0].tolist() == [4, 1, 3, 2]


def test_streams_read_on_around_the_ring() -> None:
    events = np.arange(10, dtype=np.int32)
    batches = Batches(events, events + 100, batch=3, window=4)
    inputs, targets = batches[0]
    assert inputs.T.tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    assert (targets == inputs + 100).all()
    assert batches[1][0].T.tolist() == [[4, 5, 6, 7], [7, 8, 9, 0], [0, 1, 2, 3]]


@pytest.mark.parametrize(
    "settings",
    [
        {"steps": 0}, {"batch": 0}, {"window": 0}, {"clip": 0.0}, {"learning_rate": -1.0},
        {"warmup": 1.0}, {"final_rate": 2.0}, {"validations": -1}, {"seed": -1},
    ],
)  # fmt: skip
def test_impossible_settings(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        TrainingConfig(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("config", "listed"),
    [
        (RnnConfig(pattern="spiral"), "hidden"),
        (RnnConfig(cell="brain"), "elman"),
        (RnnConfig(activation="step"), "tanh, relu, linear"),
    ],
)
def test_unknown_names_list_those_there_are(config: RnnConfig, listed: str) -> None:
    with pytest.raises(UsageError, match=listed):
        fit(TEXTS, config, TrainingConfig(steps=1))


def test_unknown_optimizer_and_no_units() -> None:
    with pytest.raises(UsageError, match="adam, adamw, sgd"):
        fit(TEXTS, SMALL, TrainingConfig(optimizer="guess", steps=1))
    with pytest.raises(UsageError, match="hidden unit"):
        RnnConfig(hidden=0)
