"""Training and scoring n-grams beside a dictionary of counters, KenLM, markovify and NLTK."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from charlm.ngram.arpa.names import name_of
from charlm.ngram.arpa.writing import write
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences
from charlm.ngram.estimation import fit
from charlm.ngram.model import NgramModel
from charlm.text.tokenizer import TextPolicy, Tokenizer
from tests.benchmarks import peers
from tests.benchmarks.measure import row, seconds
from tests.support.models import CORPORA

TEXT = (CORPORA / "shakespeare.txt").read_text()
TRAIN, TEST = TEXT[:-100_000], TEXT[-100_000:]
NLTK_TRAIN, NLTK_TEST = TRAIN[:50_000], TEST[:2_000]
SHORT, TIMES = "anna b", 1000


def train(text: str) -> tuple[Tokenizer, NgramModel]:
    """Text to model, modified Kneser-Ney."""
    tokenizer = Tokenizer.fit([text], TextPolicy())
    sequences = Sequences([tokenizer.encode(text)], tokenizer.vocab_size)
    return tokenizer, fit(sequences, NgramConfig(peers.ORDER))


def score(tokenizer: Tokenizer, model: NgramModel, text: str) -> float:
    """Log-likelihood."""
    return float(model.score(tokenizer.encode(text))[0].sum())


def kenlm_scorer(tokenizer: Tokenizer, model: NgramModel, text: str) -> Callable[[], object]:
    """KenLM, reading our model, on the same text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.arpa"
        path.write_text("".join(write(model, tokenizer.vocabulary.symbols)))
        return peers.kenlm_scorer(path, list(map(name_of, text)))


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Measure everything."""
    yield from _training()
    yield from _scoring()


def _training() -> Iterator[tuple[str, str, str, str]]:
    compared: list[tuple[str, Callable[[str], object], str]] = [
        ("a dict of Counter", peers.count_by_hand, TRAIN),
        ("markovify", peers.train_markovify, TRAIN),
        ("NLTK's Witten-Bell", peers.train_nltk, NLTK_TRAIN),
    ]
    for name, trainer, text in compared:
        ours, peer = seconds(partial(train, text), partial(trainer, text), rounds=3)
        yield row(f"train, against {name}", ours, peer, len(text))


def _scoring() -> Iterator[tuple[str, str, str, str]]:
    tokenizer, model = train(TRAIN)
    table, nltk = peers.count_by_hand(TRAIN), peers.train_nltk(NLTK_TRAIN)
    compared: list[tuple[str, Callable[[], object], str]] = [
        ("a dict of Counter", lambda: peers.score_by_hand(table, TEST), TEST),
        ("KenLM", kenlm_scorer(tokenizer, model, TEST), TEST),
        ("NLTK's Witten-Bell", lambda: peers.score_nltk(nltk, NLTK_TEST), NLTK_TEST),
    ]
    for name, scorer, text in compared:
        ours, peer = seconds(partial(score, tokenizer, model, text), scorer)
        yield row(f"score, against {name}", ours, peer, len(text))
    scorers = partial(score, tokenizer, model, SHORT), kenlm_scorer(tokenizer, model, SHORT)
    ours, peer = seconds(*(partial(often, scorer) for scorer in scorers))
    yield row(f"score {len(SHORT)} symbols, against KenLM", ours, peer, TIMES * len(SHORT))


def often(function: Callable[[], object]) -> None:
    """Call what takes microseconds many times."""
    for _ in range(TIMES):
        function()
