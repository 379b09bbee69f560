import numpy as np
import pytest

from charlm.errors import ModelFileError
from charlm.ngram.model import NgramModel
from tests.models import TEXT, make, ngram

NAME = "witten-bell-4-file"


def test_state_is_the_contexts_that_were_seen() -> None:
    contents = make(NAME)
    model = contents.model
    assert model.initial_state() == (model.vocab_size,)
    _, state = model.score(contents.tokenizer.encode(TEXT[:100]))
    assert len(state) == 4
    assert len(model.advance(state, 0)) == 1  # an unseen symbol empties the context


@pytest.mark.parametrize("order", [0, 3])
def test_the_start_is_one_symbol_of_context(order: int) -> None:
    """The first symbol of a text is all that ever followed START."""
    contents = ngram("mle", order)
    first = contents.tokenizer.encode(TEXT[0])[0]
    probability = np.exp(contents.model.log_probs(contents.model.initial_state())[first])
    share = TEXT.count(TEXT[0]) / len(TEXT)
    assert probability == pytest.approx(1.0 if order else share)


def test_longer_contexts_fit_the_training_text_better() -> None:
    losses = []
    for order in range(6):
        contents = ngram("modified-kneser-ney", order)
        log_probs, _ = contents.model.score(contents.tokenizer.encode(TEXT))
        losses.append(-log_probs.mean())
    assert losses == sorted(losses, reverse=True)


def test_order_beyond_the_text() -> None:
    contents = ngram("modified-kneser-ney", 20, "line", "word")
    ids = contents.tokenizer.encode(TEXT[:200])
    log_probs, state = contents.model.score(ids)
    assert np.isfinite(log_probs).all()
    assert len(state) <= 20


@pytest.mark.parametrize("broken", ["2.keys", "3.probability", "1.backoff"])
def test_tables_that_do_not_fit_are_refused(broken: str) -> None:
    model = make(NAME).model
    arrays = model.arrays()
    arrays[broken] = arrays[broken][:-1]
    with pytest.raises(ModelFileError, match="do not fit"):
        NgramModel.from_arrays(model.settings(), arrays)
