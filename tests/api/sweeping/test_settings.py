"""What a sweep trains: every combination, once."""

import pytest

from charlm.api.sweeping.settings import runs_of, settings_of
from charlm.errors import UsageError


def names(**swept: object) -> list[str]:
    return [str(setting) for setting in settings_of(swept)]  # type: ignore[arg-type]


def test_every_combination_of_a_kind_is_trained() -> None:
    assert names(order=(1, 2), smoothing=("katz", "mle"), cell=("gru",), hidden=(8, 16)) == [
        "ngram order 1 katz", "ngram order 1 mle", "ngram order 2 katz", "ngram order 2 mle",
        "rnn gru hidden 8", "rnn gru hidden 16",
    ]  # fmt: skip
    assert names(order=(1, 1)) == ["ngram order 1"]
    assert names(dropout=(0.5,), cell=()) == ["rnn dropout 0.5"]
    assert len(names()) == 9


def test_seeds_are_for_networks() -> None:
    runs = runs_of(settings_of({"order": (3,), "cell": ("gru",)}), 2)
    assert [run.name for run in runs] == ["ngram-order-3", "rnn-gru-seed-0", "rnn-gru-seed-1"]
    assert [run.setting.network(run.seed)[1].seed for run in runs[1:]] == [0, 1]


@pytest.mark.parametrize(
    ("swept", "message"),
    [
        ({"smoothing": ("kn",)}, "unknown smoother 'kn'"),
        ({"cell": ("gru",), "pattern": ("output",)}, "output"),
        ({"depth": (1,)}, "depth cannot be swept"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(
    swept: dict[str, tuple[object, ...]], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        settings_of(swept)
