"""Mutants of the files of every kind of model: refused in one line, or a model that works."""

import contextlib
import io
import resource
import signal
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from charlm import storage
from charlm.cli.main import cli
from charlm.errors import CharlmError, ModelFileError
from charlm.sampling.drawing import SamplingConfig, sample
from charlm.trained import TrainedModel
from tests.support.models import MODELS, UNSEEN, each, make
from tests.support.mutants import mutant

EACH = 90  # mutants of each model: 10,000 of those that are tried in `make test-all`
MOST_MEMORY = 1 << 30  # bytes that a mutant may ask for
LONGEST = 20  # seconds
LONGEST_MESSAGE = 1000  # characters
SHOWN = 4  # one in so many is shown by `info`, which takes longest
FATES = {"refused", "refused in use", "works"}


@contextlib.contextmanager
def bounded_memory() -> Iterator[None]:
    """Refuse allocations beyond what is used now and `MOST_MEMORY`."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limits = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


@contextlib.contextmanager
def bounded_time() -> Iterator[None]:
    """Break off what does not end, by the time of the processor: a busy machine is no failure."""

    def too_long(number: int, frame: object) -> None:
        raise AssertionError(f"took more than {LONGEST} s")

    before = signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def use(trained: TrainedModel) -> None:
    """Score, read, draw, and describe: any figures, or a `CharlmError`."""
    model = trained.model
    ids = trained.tokenizer.encode(UNSEEN[:20])
    scored, state = model.score(ids)
    assert not np.isnan(scored).any()
    log_probs = model.log_probs(model.advance(state, 1))
    assert not np.isnan(log_probs).any()
    drawn = list(islice(sample(model, state, SamplingConfig(), np.random.default_rng(0)), 5))
    assert isinstance(trained.tokenizer.decode(drawn), str)
    assert "\n" not in trained.signature()


def fate(path: Path, *, shown: bool) -> str:
    """What becomes of a file: refused in one line, at once or when used, or a model that works."""
    try:
        trained = storage.load(path)
    except ModelFileError as error:
        told_well = str(error).startswith(f"{path}: ") and len(str(error)) < LONGEST_MESSAGE
        return "refused" if told_well else f"told badly: {error}"
    if shown:
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())) as out:
            cli.main(["info", str(path), "--json"], standalone_mode=False)
        out.seek(0)
        assert out.read().startswith("{")
    try:
        use(trained)
        storage.verify(path)
    except CharlmError:
        return "refused in use"
    return "works"


def fates(name: str, number: int, seed: int, path: Path) -> Counter[str]:
    """Count what becomes of mutants of the model of that name."""
    storage.save(path, make(name))
    whole, draw = path.read_bytes(), np.random.default_rng((zlib.crc32(name.encode()), seed))
    found: Counter[str] = Counter()
    for i in range(number):
        how, data = mutant(whole, draw)
        path.unlink()  # what was mapped before stays as it was; and quicker than cutting
        path.write_bytes(data)
        try:
            with bounded_time():
                found[fate(path, shown=i % SHOWN == 0)] += 1
        except Exception as error:
            raise AssertionError(f"mutant {i} ({how}) of {name}: {error!r}") from error
    return found


@pytest.mark.slow
@each(MODELS)
def test_mutants_are_refused_or_work(name: str, tmp_path: Path) -> None:
    with bounded_memory():
        found = fates(name, EACH, 0, tmp_path / "m.charlm")
    assert found.keys() <= FATES
    assert found["refused"] > found["works"] > 0


@pytest.mark.endurance
@each(MODELS)
def test_many_more_mutants(name: str, tmp_path: Path) -> None:
    with bounded_memory():
        print(name, dict(fates(name, 2_000, 1, tmp_path / "m.charlm")))  # noqa: T201
