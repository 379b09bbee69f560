"""N-grams beside a dictionary of counters written by hand, KenLM and NLTK."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

from nltk.lm import WittenBellInterpolated
from nltk.lm.preprocessing import padded_everygram_pipeline

from charlm.ngram import arpa
from charlm.ngram.config import NgramConfig
from charlm.ngram.counts import Sequences
from charlm.ngram.estimation import fit
from charlm.ngram.model import NgramModel
from charlm.text.tokenizer import TextPolicy, Tokenizer
from tests.benchmarks.measure import row, seconds
from tests.models import CORPORA

ORDER = 4
TEXT = (CORPORA / "shakespeare.txt").read_text()
TRAIN, TEST = TEXT[:-100_000], TEXT[-100_000:]
NLTK_TRAIN, NLTK_TEST = TRAIN[:50_000], TEST[:2_000]


def train(text: str) -> tuple[Tokenizer, NgramModel]:
    """Text to model, modified Kneser-Ney."""
    tokenizer = Tokenizer.fit([text], TextPolicy())
    sequences = Sequences([tokenizer.encode(text)], tokenizer.vocab_size)
    return tokenizer, fit(sequences, NgramConfig(ORDER))


def count_by_hand(text: str) -> dict[str, Counter[str]]:
    """Relative frequencies only, as tutorials do."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for i in range(ORDER, len(text)):
        table[text[i - ORDER : i]][text[i]] += 1
    return table


def score_by_hand(table: dict[str, Counter[str]], text: str) -> float:
    """Log-likelihood of what the table has seen."""
    totals = {history: sum(successors.values()) for history, successors in table.items()}
    result = 0.0
    for i in range(ORDER, len(text)):
        successors = table.get(text[i - ORDER : i])
        if successors and successors[text[i]]:
            result += log(successors[text[i]] / totals[text[i - ORDER : i]])
    return result


def train_nltk(text: str) -> WittenBellInterpolated:
    """The smoother of NLTK that is not hopeless at scoring."""
    model = WittenBellInterpolated(ORDER + 1)
    model.fit(*padded_everygram_pipeline(ORDER + 1, [list(text)]))
    return model


def score_nltk(model: WittenBellInterpolated, text: str) -> float:
    """One call a character."""
    return float(sum(model.logscore(text[i], text[i - ORDER : i]) for i in range(ORDER, len(text))))


def kenlm_scorer(tokenizer: Tokenizer, model: NgramModel) -> Callable[[], object]:
    """KenLM's own C++, reading our model, on the same text (its Python module, one call)."""
    import kenlm

    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.arpa"
        path.write_text("".join(arpa.write(model, tokenizer.vocabulary.symbols)))
        theirs = kenlm.Model(str(path))
    text = " ".join(map(arpa.name_of, TEST))
    return lambda: theirs.score(text, bos=True, eos=False)


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Measure everything."""
    tokenizer, model = train(TRAIN)
    table, nltk = count_by_hand(TRAIN), train_nltk(NLTK_TRAIN)
    ours, peer = seconds(lambda: train(TRAIN), lambda: count_by_hand(TRAIN))
    yield row("train, against a dict of Counter", ours, peer, len(TRAIN))
    ours, peer = seconds(
        lambda: model.score(tokenizer.encode(TEST)), lambda: score_by_hand(table, TEST)
    )
    yield row("score, against a dict of Counter", ours, peer, len(TEST))
    scorer = kenlm_scorer(tokenizer, model)
    ours, peer = seconds(lambda: model.score(tokenizer.encode(TEST)), scorer)
    yield row("score, against KenLM", ours, peer, len(TEST))
    ours, peer = seconds(lambda: train(NLTK_TRAIN), lambda: train_nltk(NLTK_TRAIN), rounds=3)
    yield row("train, against NLTK's Witten-Bell", ours, peer, len(NLTK_TRAIN))
    ours, peer = seconds(
        lambda: model.score(tokenizer.encode(NLTK_TEST)), lambda: score_nltk(nltk, NLTK_TEST)
    )
    yield row("score, against NLTK's Witten-Bell", ours, peer, len(NLTK_TEST))
