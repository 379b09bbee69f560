"""A reading has a name before it has a reader."""

import pytest

from charlm.errors import UsageError
from charlm.evaluation.reading import Reading
from charlm.model import StaticReader
from tests.support.models import MODELS, make

OUTPUT_NETWORKS = [name for name in MODELS if name.startswith("output")]


def test_a_reading_is_named_before_there_is_a_reader() -> None:
    assert [Reading.of(adaptive) for adaptive in (False, True)] == ["", "adaptive"]
    model = make("witten-bell-4-file").model
    assert isinstance(Reading.FROZEN.reader(model), StaticReader)
    assert "adaptive" in Reading.ADAPTIVE.reader(model).describe()


def test_output_networks_alone_run_free() -> None:
    reader = Reading.FREE_RUNNING.reader(make(OUTPUT_NETWORKS[0]).model)
    assert reader.describe() == {"feedback": "free-running"}
    with pytest.raises(UsageError, match="only networks of the output pattern"):
        Reading.FREE_RUNNING.reader(make("witten-bell-4-file").model)
