"""Dynamic evaluation beyond the laws that every reader keeps."""

import pytest

from charlm.rnn import optimizers
from charlm.rnn.adaptive import SEGMENT, DynamicReader
from tests.models import RNNS, TEXT, make, recurrent


@pytest.mark.parametrize("name", RNNS)
def test_blocks_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = make(name).tokenizer.encode(TEXT)[: 3 * SEGMENT]

    def scored(block: int) -> bytes:
        monkeypatch.setattr(optimizers, "BLOCK", block)
        return DynamicReader(recurrent(name)).score(ids).tobytes()

    assert scored(64) == scored(1 << 30)
