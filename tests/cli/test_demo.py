"""What someone who has just installed charlm types first, in small; the README has it whole."""

import os
import re
import signal
from pathlib import Path

import pytest

from charlm import UsageError, corpus
from charlm.api.checkpoints import CheckpointKeeper, UnfinishedTraining
from charlm.cli import shell
from charlm.cli.demo import session
from charlm.text.shipped import SHIPPED, ShippedText
from tests.cli.conftest import Charlm
from tests.support.models import CORPORA


class Small(ShippedText):
    path = Path("small.txt")


@pytest.fixture
def demo(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> Charlm:
    lines = corpus("shakespeare").read_text().splitlines(keepends=True)
    Path("small.txt").write_text("".join(lines[:400]))
    monkeypatch.setitem(SHIPPED, "shakespeare", Small("", "", ""))
    monkeypatch.setattr(session, "LINES_LEARNT", 300)
    monkeypatch.setenv("CHARLM_DEMO_STEPS", "9")
    return charlm


def test_the_demo_types_what_can_be_typed_and_ends_with_the_mixture(
    demo: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    done = demo("demo")
    assert done.code == 0
    for words in session.commands(Path("demo"), 9):
        assert shell.line(["charlm", *words]) in done.out.splitlines()  # whole
    typed = re.findall(r"^charlm (\w+)", done.out, re.M)
    assert typed == ["train", "train", "mix", "sample", "sample", "perplexity"]
    assert "demo/both.charlm: kind:mixture" in done.out.split("charlm perplexity")[1]
    assert done.err.endswith("Next: charlm continue demo/both.charlm\n")
    assert demo("demo").code == 0  # again, over what is there


def test_an_interrupted_demo_goes_on(demo: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(keeper: CheckpointKeeper, unfinished: UnfinishedTraining) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(CheckpointKeeper, "save_in_time", stop)
        first = demo("demo")
    assert first.code == 130
    assert "To go on: charlm train rnn demo/train.txt --steps 9 -o demo/rnn.charlm --resume" in (
        first.err
    )
    assert "mix" not in first.out
    second = demo("demo")
    assert second.code == 0
    assert "Going on at step " in second.err


def test_the_demo_replaces_no_text_of_others(demo: Charlm) -> None:
    Path("demo").mkdir()
    Path("demo/train.txt").write_text("mine")
    done = demo("demo")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "Error: demo/train.txt: is there already; --force overwrites it all the same\n"
    )
    Path("file").write_text("")
    assert "cannot be made" in demo("demo", "-o", "file").err


def test_corpora_are_listed_and_copied(charlm: Charlm) -> None:
    listed = charlm("corpora").out
    assert [line.split()[0] for line in listed.splitlines()] == list(SHIPPED)
    done = charlm("corpora", "--copy", "us_first_names", "--copy", "chinese", "-o", "texts")
    assert done.code == 0
    assert done.err.endswith("Next: charlm train texts/chinese.txt\n")
    for name in ("us_first_names", "chinese"):
        copied = Path(f"texts/{name}.txt").read_bytes()
        assert copied == (CORPORA / f"{name}.txt").read_bytes() == corpus(name).read_bytes()
    Path("texts/chinese.txt").write_text("mine")
    assert charlm("corpora", "--copy", "chinese", "-o", "texts").code == 1
    assert Path("texts/chinese.txt").read_text() == "mine"


def test_the_shelf_says_of_each_what_it_is() -> None:
    shelf = (CORPORA / "README.md").read_text()
    for text in SHIPPED.values():
        entry = shelf.split(f"## {text.name}.txt")[1].split("\n## ")[0]
        assert f"* Licence: {text.licence}" in entry
        assert f"* Size: {text.path.stat().st_size:,} bytes" in entry


def test_an_unknown_corpus_is_named() -> None:
    with pytest.raises(UsageError, match="no corpus 'bible'; there are shakespeare, chinese"):
        corpus("bible")
