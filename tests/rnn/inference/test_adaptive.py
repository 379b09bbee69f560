"""Dynamic evaluation beyond the laws that every reader keeps."""

import pytest

from charlm.rnn.inference.adaptive import SEGMENT
from charlm.rnn.training import optimizers
from tests.support.models import RNNS, TEXT, each, make, recurrent


@each(RNNS)
def test_blocks_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = make(name).tokenizer.encode(TEXT)[: 3 * SEGMENT]

    def scored(block: int) -> bytes:
        monkeypatch.setattr(optimizers, "BLOCK_NUMBERS", block)
        return recurrent(name).adaptive_reader().score(ids).tobytes()

    assert scored(64) == scored(1 << 30)
