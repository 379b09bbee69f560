"""Samples that are wanted, held against the conditional distribution over every text there is."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import islice

import numpy as np
import pytest
import regex

from charlm.api import ngram_training
from charlm.api.network_training import NetworkTraining
from charlm.errors import UsageError
from charlm.ngram.config import NgramConfig
from charlm.rnn.config import RnnConfig
from charlm.sampling import conditional
from charlm.sampling.beginning import beginning
from charlm.sampling.constraints import Constraint
from charlm.sampling.drawing import SamplingConfig, reshape
from charlm.sampling.samples import Generator, joined
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import prepare
from charlm.trained import TrainedModel
from tests.support.models import MODELS, TRAINING, each, make, mix

TINY = "ab\nba\naab\nabb\nb\nbab\naabb\n" * 3
RARE = "(?s)(?!.*e).*qz.*qz.*"
NUMBER, MOST = 2000, 5.0  # samples, and standard deviations
Wanted = Callable[[str], bool]


def tiny(sequence: str, unit: str = "char", order: int = 2) -> TrainedModel:
    """A model of three symbols, all of whose short texts can be tried."""
    policy = TextPolicy(sequence=sequence, unit=unit)
    return ngram_training.fit(prepare([Document("t", TINY.encode())], policy), NgramConfig(order))


def every_text(generator: Generator) -> dict[str, float]:
    """What each text that the model may write has as its probability, whatever is wanted.

    Symbol by symbol, from whole distributions: the definition of a sample.
    """
    model, tokenizer = generator.trained.model, generator.trained.tokenizer
    found: dict[str, float] = {}
    before = tokenizer.encode_prompt(generator.prompt)
    if not generator.prompt:
        before = beginning(generator.trained)
    todo = [("", 0, 1.0, model.score(before)[1])]
    while todo:
        text, symbols, share, state = todo.pop()
        if symbols == generator.length:
            found[text] = found.get(text, 0.0) + share
            continue
        probs = reshape(model.log_probs(state), generator.config)
        for symbol in np.flatnonzero(probs).tolist():
            p = share * float(probs[symbol])
            longer = text + tokenizer.name(symbol)
            stop = min((longer.find(s) for s in generator.stop if s in longer), default=None)
            if symbol == tokenizer.end:
                found[text] = found.get(text, 0.0) + p
            elif stop is not None:
                found[longer[:stop]] = found.get(longer[:stop], 0.0) + p
            else:
                todo.append((longer, symbols + 1, p, model.advance(state, symbol)))
    assert sum(found.values()) == pytest.approx(1, abs=1e-6)
    return found


def excess(drawn: list[str], expected: dict[str, float]) -> float:
    """Chi-square of what was drawn, in standard deviations above its mean."""
    counts, total = Counter(drawn), sum(expected.values())
    assert counts.keys() <= expected.keys()
    shares = np.array([p / total for p in expected.values()])
    found = np.array([counts[text] for text in expected], np.float64)
    often = shares * len(drawn) >= 5
    shares = np.append(shares[often], shares[~often].sum())
    found = np.append(found[often], found[~often].sum())
    shares, found = shares[shares > 0], found[shares > 0]
    square = ((found - shares * len(drawn)) ** 2 / (shares * len(drawn))).sum()
    freedom = max(1, len(shares) - 1)
    return float((square - freedom) / np.sqrt(2 * freedom))


CASES: dict[str, tuple[str, dict[str, object], dict[str, object], Wanted]] = {
    "pattern": ("line", {}, {"pattern": "a[ab]*b"}, lambda t: bool(regex.fullmatch("a[ab]*b", t))),
    "rare": ("line", {}, {"pattern": "[ab]*bbb[ab]*"}, lambda t: "bbb" in t),
    "looking ahead": ("line", {}, {"pattern": "(?!ab).*"}, lambda t: not t.startswith("ab")),
    "least length": ("line", {}, {"min_length": 4}, lambda t: len(t) >= 4),
    "beginning": ("line", {}, {"starts_with": "ba"}, lambda t: t.startswith("ba")),
    "new": ("line", {}, {"is_known": {"ab", "ba", ""}.__contains__},
            lambda t: t not in {"ab", "ba", ""}),
    "all": ("line", {}, {"pattern": ".*a.*", "starts_with": "b", "min_length": 3,
                         "is_known": "bab".__eq__},
            lambda t: t[:1] == "b" and "a" in t and len(t) >= 3 and t != "bab"),
    "warm": ("line", {"config": SamplingConfig(temperature=1.7)}, {"pattern": "b.*"},
             lambda t: t[:1] == "b"),
    "few": ("line", {"config": SamplingConfig(top_k=2)}, {"pattern": ".*b"},
            lambda t: t[-1:] == "b"),
    "prompt": ("line", {"prompt": "ab"}, {"pattern": "a*b*"},
               lambda t: bool(regex.fullmatch("a*b*", t))),
    "files": ("file", {}, {"pattern": r"[ab\n]*bb"}, lambda t: t.endswith("bb")),
    "stop": ("file", {"stop": ("\n", "bb")}, {"pattern": "[ab]{2,}"}, lambda t: len(t) >= 2),
    "stop and length": ("file", {"stop": ("ab",)}, {"min_length": 2}, lambda t: len(t) >= 2),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_samples_follow_the_conditional_distribution(name: str) -> None:
    sequence, options, wanted, holds = CASES[name]
    constraint = Constraint(**wanted)  # type: ignore[arg-type]
    generator = Generator(tiny(sequence), length=6, constraint=constraint, **options)  # type: ignore[arg-type]
    expected = {text: p for text, p in every_text(generator).items() if holds(text)}
    assert len(expected) > 3
    rng = np.random.default_rng(7)
    drawn = [joined(pieces).text for pieces in islice(generator.samples(rng), NUMBER)]
    assert excess(drawn, expected) < MOST


def test_the_test_finds_what_is_not_the_conditional_distribution() -> None:
    """To draw symbol by symbol from what may follow (as constrained decoders do) is another law."""
    generator = Generator(tiny("line"), length=6, constraint=Constraint(pattern="[ab]*bbb[ab]*"))
    course, rng = generator._course, np.random.default_rng(7)
    drawn: list[str] = []
    while len(drawn) < NUMBER:
        position = course.start
        while True:
            probs = course.probs(position)
            left = np.where(course.live(position, probs), probs, 0)
            if not left.any():
                break
            symbol = int(rng.choice(len(left), p=left / left.sum()))
            if course.ends(position, symbol):
                drawn.append(position.text + generator.names[symbol].strip())
                break
            position = course.after(position, symbol)
    expected = {text: p for text, p in every_text(generator).items() if "bbb" in text}
    assert excess(drawn, expected) > MOST


@pytest.mark.parametrize("family", ["ngram", "rnn", "mixture"])
def test_every_family_is_drawn_from_so(family: str) -> None:
    policy = TextPolicy(sequence="line")
    data = prepare([Document("t", TINY.encode())], policy)
    training = NetworkTraining(RnnConfig("hidden", "gru", "tanh", 5), TRAINING, data)
    run = training.start()
    training.go_on(run)
    network = training.trained(run)
    models = {"ngram": tiny("line"), "rnn": network, "mixture": mix([tiny("line"), network])}
    generator = Generator(models[family], length=4, constraint=Constraint(pattern="(?:ab?)*"))
    expected = {t: p for t, p in every_text(generator).items() if regex.fullmatch("(?:ab?)*", t)}
    drawn = [joined(p).text for p in islice(generator.samples(np.random.default_rng(3)), 800)]
    assert excess(drawn, expected) < MOST


@each(MODELS)
def test_every_model_keeps_to_what_is_wanted(name: str) -> None:
    trained = make(name)
    letters = [s for s in trained.tokenizer.vocabulary.symbols if s.isalpha()]
    wanted = f"[{letters[0]}{letters[-1]}].*"
    constraint = Constraint(pattern=f"(?s){wanted}", min_length=2)
    generator = Generator(trained, length=5, constraint=constraint)
    samples = generator.samples(np.random.default_rng(1))
    if "mle" in name:  # which writes only what it has seen
        with suppress(UsageError):
            next(samples)
        return
    found = [joined(pieces) for pieces in islice(samples, 3)]
    for sample in found:
        assert regex.fullmatch(wanted, sample.text, regex.DOTALL)
        assert 2 <= len(sample.ids) <= 6
        assert sample.ending in ("length", "end")


@pytest.mark.parametrize("unit", ["char", "byte", "grapheme", "word", "token"])
def test_every_unit_keeps_to_what_is_wanted(unit: str) -> None:
    trained = tiny("line", unit)
    generator = Generator(trained, length=5, constraint=Constraint(pattern="[ab]*a[ab]*"))
    for pieces in islice(generator.samples(np.random.default_rng(2)), 20):
        assert regex.fullmatch("[ab]*a[ab]*", joined(pieces).text)


def test_no_text_comes_twice_until_there_are_no_more() -> None:
    generator = Generator(tiny("line"), length=5, constraint=Constraint(pattern="ab*", unique=True))
    drawn = [joined(pieces).text for pieces in generator.samples(np.random.default_rng(5))]
    assert sorted(drawn) == ["a", "ab", "abb", "abbb", "abbbb"]


def test_the_first_of_unique_samples_follows_the_law_and_so_the_second() -> None:
    """The second follows the law without the first, given the first."""
    generator = Generator(tiny("line"), length=3, constraint=Constraint(pattern="b.*", unique=True))
    shares = {t: p for t, p in every_text(generator).items() if t[:1] == "b"}
    total = sum(shares.values())
    expected = {
        f"{one},{other}": p / total * q / (total - p)
        for one, p in shares.items()
        for other, q in shares.items()
        if one != other
    }
    rng = np.random.default_rng(11)
    drawn = [
        ",".join(joined(pieces).text for pieces in islice(generator.samples(rng), 2))
        for _ in range(1000)
    ]
    assert excess(drawn, expected) < MOST


@pytest.mark.slow
def test_a_tree_that_forgets_draws_from_the_same_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditional, "MOST_CELLS", 40)
    test_samples_follow_the_conditional_distribution("rare")
    test_no_text_comes_twice_until_there_are_no_more()


@pytest.mark.parametrize("pattern", ["c+", "a{9}", "(?!a)(?!b).+"])
def test_where_nothing_matches_there_is_an_end(pattern: str) -> None:
    generator = Generator(tiny("line"), length=6, constraint=Constraint(pattern=pattern))
    with pytest.raises(UsageError, match="no text that this model can write is such as is wanted"):
        next(generator.samples(np.random.default_rng(1)))


def test_what_is_too_rare_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditional, "MOST_TRIES", 20)
    trained = make("modified-kneser-ney-4-file")
    generator = Generator(
        trained, length=50, constraint=Constraint(pattern="(?s)(?!.*e).*qz.*qz.*")
    )
    with pytest.raises(UsageError, match=r"none of 20 tries was such as is wanted: .* too rarely"):
        next(generator.samples(np.random.default_rng(1)))


def test_a_stream_ends_where_its_pattern_does() -> None:
    trained = make("modified-kneser-ney-4-file")
    pattern = r"[A-Z][a-z]+ [a-z]+\."
    generator = Generator(trained, length=200, constraint=Constraint(pattern=pattern))
    for pieces in islice(generator.samples(np.random.default_rng(1)), 3):
        sample = joined(pieces)
        assert regex.fullmatch(pattern, sample.text)
        assert sample.ending == "match"


def test_a_sample_of_no_symbol_is_one() -> None:
    constraint = Constraint(pattern="a*", unique=True)
    generator = Generator(tiny("file"), length=0, constraint=constraint)
    assert [joined(p).text for p in generator.samples(np.random.default_rng(1))] == [""]


def test_the_same_seed_draws_the_same() -> None:
    generator = Generator(
        make("hidden-gru-tanh-file"), length=9, constraint=Constraint(min_length=3)
    )
    one, other = (
        [joined(p).text for p in islice(generator.samples(np.random.default_rng(4)), 5)]
        for _ in range(2)
    )
    assert one == other


def test_the_likeliest_symbol_leaves_nothing_to_choose() -> None:
    with pytest.raises(UsageError, match="beam finds the likeliest"):
        Generator(tiny("line"), SamplingConfig(temperature=0), constraint=Constraint(pattern="a"))
