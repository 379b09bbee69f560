"""Every command, as a user would type it."""

import bz2
import gzip
import json
import lzma
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from charlm.cli.main import run
from tests.cli.conftest import Charlm
from tests.cli.walk import COMMANDS
from tests.support.models import CORPORA, TEXT

SMALL_RNN = ("--hidden", "12", "--steps", "20")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_help_with_examples(
    command: tuple[str, ...], flag: str, charlm: Charlm
) -> None:
    result = charlm(*command, flag)
    assert result.code == 0
    assert f"Usage: charlm {' '.join(command)} " in result.out
    assert f"charlm {' '.join(command)}" in result.out.split("Examples:")[1]


@pytest.mark.parametrize("command", [(), ("train",)])
def test_no_arguments_give_help(command: tuple[str, ...], charlm: Charlm) -> None:
    result = charlm(*command)
    assert result.code == 2
    assert result.err.startswith(f"Usage: {' '.join(('charlm', *command))} [OPTIONS]")
    assert result.err.endswith("\n")
    assert "\\n" not in result.err


def test_the_simplest_guess_works(charlm: Charlm) -> None:
    result = charlm("train", "book.txt")
    assert result.code == 0
    assert result.out == ""
    assert "order 6 (7-grams" in result.err
    assert result.err.endswith("Next: charlm sample book.ngram.charlm\n")
    result = charlm("sample", "book.ngram.charlm", "--length", "50", "--seed", "1")
    assert result.code == 0
    assert len(result.out) == 51
    assert result.err == ""


@pytest.mark.parametrize("family", ["ngram", "rnn"])
def test_train_sample_perplexity_info(family: str, charlm: Charlm) -> None:
    more = SMALL_RNN if family == "rnn" else ("--order", "3")
    result = charlm("train", family, "book.txt", *more, "--valid-fraction", "0.1")
    assert result.code == 0
    shown = re.search(r"Held-out text: (\d\.\d{3}) bits/char \(([\d,]+) characters\)", result.err)
    assert shown is not None
    assert 1 < float(shown[1]) < 7
    assert int(shown[2].replace(",", "")) == pytest.approx(0.1 * len(TEXT) * 4, rel=0.1)
    model = f"book.{family}.charlm"
    assert charlm("sample", model, "--prompt", "The ", "--seed", "1").out.startswith("The ")
    assert charlm("info", model, "--verify").code == 0
    result = charlm("perplexity", model, "other.txt")
    assert result.code == 0
    for word in ("uniform", "unigram", "gzip", "xz", model, f"kind:{family}|"):
        assert word in result.out


def test_models_are_compared(charlm: Charlm) -> None:
    charlm("train", "--order", "3", "book.txt", "-o", "a.charlm")
    charlm("train", "rnn", "book.txt", "-o", "b.charlm", *SMALL_RNN)
    result = charlm("perplexity", "a.charlm", "other.txt", "--against", "b.charlm")
    arguments = ("perplexity", "a.charlm", "other.txt", "--against", "b.charlm", "--json")
    figures = json.loads(charlm(*arguments).out)
    difference = figures["differences"][0]["bits_per_char"]
    better, worse = ("a", "b") if difference < 0 else ("b", "a")
    said = f"{better}.charlm is better than {worse}.charlm by {abs(difference):.3f} bits/char"
    assert (
        f"{said} (95 % for these two trained models if the text went on like this: " in result.out
    )
    assert [row["model"] for row in figures["results"]] == ["a.charlm", "b.charlm"]
    a, b = (row["bits_per_char"] for row in figures["totals"])
    assert figures["differences"][0]["bits_per_char"] == pytest.approx(a - b)
    assert set(figures["ladders"][0]) == {"uniform", "unigram"}


def test_a_look_inside(charlm: Charlm) -> None:
    charlm("train", "--order", "3", "book.txt", "-o", "m.charlm")
    arguments = ("info", "m.charlm", "--history", "th", "--text", "the\tc中", "--top", "3")
    out = charlm(*arguments).out
    for word in (
        'after "th"',
        '"the\\tc中"',
        "'\\t' (unknown)",
        "中 (unknown)",
        "Kneser-Ney: ",
        "Unknown: ",
    ):
        assert word in out
    figures = json.loads(charlm(*arguments, "--json").out)
    rows = figures["next"]["symbols"]
    assert len(rows) == 3
    assert f"{rows[0]['probability']:.4f}" in out
    assert f"{figures['chain']['total_bits']:.4f} bits for 6 symbols" in out


def test_a_look_inside_a_network(charlm: Charlm) -> None:
    charlm("train", "rnn", "book.txt", "-o", "m.charlm", *SMALL_RNN)
    result = charlm("info", "m.charlm", "--history", "th", "--text", "[b]", "--verify")
    assert result.code == 0
    assert "[ (unknown)" in result.out
    assert "back-off" not in result.out
    assert "Kneser-Ney" not in result.out


def test_info_tells_numbers_and_bytes_of_each_order(charlm: Charlm) -> None:
    charlm("train", "--order", "2", "book.txt", "-o", "m.charlm", "--prune", "0,0,4")
    facts = json.loads(charlm("info", "m.charlm", "--json").out)
    assert [row["length"] for row in facts["orders"]] == [1, 2, 3]
    assert all(row["source"] in ("closed", "tuned") for row in facts["orders"])
    assert facts["orders"][2]["pruned"] > 0
    size = sum(row["bytes"] for row in facts["orders"])
    assert facts["file_bytes"] * 0.5 < size < facts["file_bytes"]
    assert f"{size:,} bytes" in charlm("info", "m.charlm").out


def bits(charlm: Charlm, model: str, text: str) -> float:
    rows = json.loads(charlm("perplexity", model, text, "--json").out)["results"]
    return float(rows[0]["bits_per_char"])


@pytest.mark.parametrize("held_out", [True, False])
def test_pruning_says_what_it_costs(held_out: bool, charlm: Charlm) -> None:
    more = ("--valid", "other.txt") if held_out else ()
    err = charlm("train", "book.txt", "-o", "pruned.charlm", "--prune", "0,0,4", *more).err
    charlm("train", "book.txt", "-o", "whole.charlm", *more)
    text = "other.txt" if held_out else "book.txt"
    before, after = (bits(charlm, model, text) for model in ("whole.charlm", "pruned.charlm"))
    where = "Held-out text" if held_out else "First 16,000 symbols of the training text"
    assert f"{where}: {before:.3f} bits/char before pruning, {after:.3f} bits/char after." in err


def test_adaptive_figures_say_so(charlm: Charlm) -> None:
    charlm("train", "--order", "3", "book.txt", "-o", "a.charlm")
    frozen = json.loads(charlm("perplexity", "a.charlm", "other.txt", "--json").out)
    arguments = ("perplexity", "a.charlm", "other.txt", "--adaptive")
    adaptive = json.loads(charlm(*arguments, "--json").out)
    before, after = (f["results"][0] for f in (frozen, adaptive))
    assert after["bits_per_char"] < before["bits_per_char"]
    assert (before["adaptive"], after["adaptive"]) == (False, True)
    assert "|adaptive:counts(12)|" in after["signature"]
    shown = charlm(*arguments).out
    assert "a.charlm (adaptive) " in shown
    assert "|adaptive:counts(12)|" in shown


def test_networks_learn_while_they_read(charlm: Charlm) -> None:
    charlm("train", "rnn", "book.txt", "-o", "b.charlm", *SMALL_RNN)
    arguments = ("perplexity", "b.charlm", "other.txt", "--json")
    before, after = (json.loads(charlm(*arguments, *more).out) for more in ([], ["--adaptive"]))
    assert after["results"][0]["bits_per_char"] < before["results"][0]["bits_per_char"]
    assert "|adaptive:weights(40)|" in after["results"][0]["signature"]


def test_free_running_stands_beside_teacher_forcing(charlm: Charlm) -> None:
    charlm(
        "train",
        "rnn",
        "book.txt",
        "-o",
        "o.charlm",
        "--pattern",
        "output",
        *SMALL_RNN,
        "--steps",
        "400",
    )
    arguments = ("perplexity", "o.charlm", "other.txt", "--free-running")
    forced, free = json.loads(charlm(*arguments, "--json").out)["totals"]
    assert forced["bits_per_char"] < free["bits_per_char"] - 0.1
    assert (forced["free_running"], free["free_running"]) == (False, True)
    assert "|feedback:free-running|" in free["signature"]
    out = charlm(*arguments).out
    assert "o.charlm is better than o.charlm (free-running) by " in out
    assert "(95 % for these two trained models if the text went on like this: " in out
    charlm("train", "book.txt", "-o", "n.charlm")
    refused = charlm("perplexity", "n.charlm", "other.txt", "--free-running")
    assert (refused.code, "only networks of the output pattern" in refused.err) == (2, True)


def test_held_out_figure_is_that_of_perplexity(charlm: Charlm) -> None:
    for unit in ("char", "byte", "word"):
        options = ("--unit", unit, "--valid", "other.txt", "--order", "2", "-o", "m.charlm")
        err = charlm("train", "book.txt", *options).err
        row = json.loads(charlm("perplexity", "m.charlm", "other.txt", "--json").out)["results"][0]
        assert f"Held-out text: {row['bits_per_char']:.3f} bits/char (3,000 characters)." in err


def test_changed_texts_are_not_ranked(charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "a.charlm")
    charlm("train", "book.txt", "-o", "b.charlm", "--lowercase")
    result = charlm("perplexity", "a.charlm", "other.txt", "--against", "b.charlm")
    assert "a.charlm and b.charlm: not comparable: the text was changed (lowercase)." in result.out
    assert "better" not in result.out


@pytest.mark.parametrize("columns", ["30", "50", "80", "200", None])
def test_names_of_models_are_never_cut(
    columns: str | None, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    name = "a-model-with-a-rather-long-name.charlm"
    charlm("train", "book.txt", "-o", name)
    out = charlm("perplexity", name, "other.txt").out.split("kind:")[0]
    table = out.rsplit(f"{name}: ", 1)[0]
    pieces = [line[:44].split("  ")[1].strip() for line in table.splitlines() if "  " in line[:4]]
    assert name in "".join(pieces)


def test_several_texts_have_totals(charlm: Charlm) -> None:
    charlm("train", "other.txt")
    arguments = ("perplexity", "other.ngram.charlm", "book.txt", "-", "--json")
    figures = json.loads(charlm(*arguments, stdin=b"typed text").out)
    assert [row["text"] for row in figures["results"]] == ["book.txt", "standard input"]
    assert figures["totals"][0]["chars"] == len(TEXT) * 4 + 10


def test_texts_without_characters_are_judged_by_bytes(charlm: Charlm) -> None:
    Path("raw").write_bytes(b"\xff\x00\xfe" * 50)
    Path("empty").write_bytes(b"")
    charlm("train", "raw", "--unit", "byte", "-o", "m.charlm")
    result = charlm("perplexity", "m.charlm", "raw", "empty", "--against", "m.charlm")
    assert result.code == 0
    assert "raw: 150 bytes" in result.out
    assert "empty: 0 characters, 0 bytes" in result.out
    assert "m.charlm and m.charlm need the same bits." in result.out


def test_own_training_text_is_warned_about(charlm: Charlm) -> None:
    charlm("train", "book.txt")
    result = charlm("perplexity", "book.ngram.charlm", "book.txt")
    assert "Warning: book.ngram.charlm was trained on book.txt" in result.err
    assert result.code == 0


def test_impossible_events_are_explained(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--smoothing", "mle", "-o", "m.charlm")
    result = charlm("perplexity", "m.charlm", "other.txt")
    assert result.code == 0
    assert "inf" in result.out
    assert "has probability 0 after what stands before it" in result.out
    row = json.loads(charlm("perplexity", "m.charlm", "other.txt", "--json").out)["results"][0]
    assert row["bits_per_char"] is None
    assert "probability 0" in row["reason"]


@pytest.mark.parametrize("family", ["ngram", "rnn"])
def test_same_seed_same_bytes(family: str, charlm: Charlm) -> None:
    more = SMALL_RNN if family == "rnn" else ()
    for name in ("one", "two"):
        charlm("train", family, "book.txt", "-o", f"{name}.charlm", *more)
    assert Path("one.charlm").read_bytes() == Path("two.charlm").read_bytes()


def test_same_bytes_in_every_process(charlm: Charlm) -> None:
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "charlm", "train", "book.txt", "-o", f"{seed}.charlm"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([*command, "--unit", "word"], check=True, env=environment)
    assert Path("1.charlm").read_bytes() == Path("2.charlm").read_bytes()


def test_lists_of_names(charlm: Charlm) -> None:
    Path("names.txt").write_bytes((CORPORA / "us_first_names.txt").read_bytes())
    assert charlm("train", "names.txt", "--sequence", "line").code == 0
    lines = charlm("sample", "names.ngram.charlm", "--seed", "1").out.splitlines()
    assert len(lines) == 10
    assert all(1 <= len(line) < 20 for line in lines)
    assert len(charlm("sample", "names.ngram.charlm", "-n", "3").out.splitlines()) == 3


def test_bytes_go_in_and_out(charlm: Charlm) -> None:
    Path("raw.bin").write_bytes(b"\xff\x00\xfe" * 99)
    assert charlm("train", "raw.bin", "--unit", "byte", "--order", "3").code == 0
    command = [sys.executable, "-m", "charlm", "sample", "raw.ngram.charlm", "--greedy"]
    out = subprocess.run(command, capture_output=True, check=True).stdout
    assert out.startswith(b"\xff\x00\xfe\xff\x00\xfe")


def test_prompts_of_byte_models_are_bytes(charlm: Charlm) -> None:
    Path("zh.txt").write_bytes((CORPORA / "chinese.txt").read_bytes()[:9999])
    charlm("train", "zh.txt", "--unit", "byte")
    command = [sys.executable, "-m", "charlm", "sample", "zh.ngram.charlm", "--prompt", "子"]
    done = subprocess.run([*command, "--length", "50"], capture_output=True, check=True)
    assert done.stdout.startswith("子".encode())
    assert done.stderr == b""


def test_the_prompt_and_the_seed_decide(charlm: Charlm) -> None:
    charlm("train", "book.txt")

    def after(prompt: str, seed: str) -> str:
        options = ("--prompt", prompt, "--seed", seed, "--length", "40")
        return charlm("sample", "book.ngram.charlm", *options).out.removeprefix(prompt)

    assert after("From fairest creatures we desire", "1").startswith(" increase,")
    assert after("His tender heir might bear his", "1").startswith(" memory:")
    assert after("The ", "1") != after("The ", "2")


def test_unknown_prompt_characters_are_named(charlm: Charlm) -> None:
    charlm("train", "book.txt")
    result = charlm("sample", "book.ngram.charlm", "--prompt", "é中", "--length", "5")
    assert result.code == 0
    assert "never seen 'é', '中'" in result.err


@pytest.mark.parametrize(
    ("options", "check"),
    [
        (("--greedy",), len),
        (("--temperature", "0.5", "--top-k", "5"), len),
        (("--top-p", "0.9"), len),
        (("--length", "0"), len),
        (("-n", "2", "--length", "9"), lambda out: len(out) == 20),
    ],
)
def test_sampling_options(
    options: tuple[str, ...], check: Callable[[str], object], charlm: Charlm
) -> None:
    charlm("train", "book.txt")
    first, second = (charlm("sample", "book.ngram.charlm", "--seed", "4", *options) for _ in "ab")
    assert first.code == 0
    assert check(first.out)
    assert first.out == second.out


def test_pruning_makes_models_smaller(charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "whole.charlm")
    result = charlm("train", "book.txt", "-o", "pruned.charlm", "--prune", "0,0,4")
    sizes = r"Pruned ([\d,]+) of ([\d,]+) n-grams: [\d.]+ MB before, [\d.]+ MB after\."
    shown = re.search(sizes, result.err)
    assert shown is not None
    gone, all_ = (int(number.replace(",", "")) for number in shown.groups())
    assert 0 < gone < all_
    assert Path("pruned.charlm").stat().st_size < Path("whole.charlm").stat().st_size / 2
    assert "pruned" in charlm("info", "pruned.charlm").out
    assert charlm("perplexity", "pruned.charlm", "other.txt").code == 0


@pytest.mark.parametrize("name", ["m.arpa", "m.arpa.gz"])
def test_export_and_import(name: str, charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "3", "-o", "m.charlm")
    assert charlm("export", "m.charlm", "-o", name).code == 0
    result = charlm("import", name, "-o", "back.charlm")
    assert result.code == 0
    one, two = (
        json.loads(charlm("perplexity", model, "other.txt", "--json").out)["totals"][0]
        for model in ("m.charlm", "back.charlm")
    )
    assert one["total_bits"] == two["total_bits"]
    assert charlm("export", "m.charlm", "-o", "-").out.startswith("\\data\\\nngram 1=")


def test_spaces_of_kenlms_users(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "2", "-o", "m.charlm")
    arpa = charlm("export", "m.charlm", "-o", "-").out.replace("<U+0020>", "▁")
    Path("k.arpa").write_text(arpa)
    assert charlm("import", "k.arpa", "--space", "▁", "-o", "back.charlm").code == 0
    sample = ("--seed", "1", "--length", "60")
    back, ours = (charlm("sample", m, *sample).out for m in ("back.charlm", "m.charlm"))
    assert back == ours
    assert " " in back


def test_only_ngrams_are_exported(charlm: Charlm) -> None:
    charlm("train", "rnn", "book.txt", "-o", "r.charlm", *SMALL_RNN)
    result = charlm("export", "r.charlm", "-o", "x.arpa")
    assert (result.code, result.err) == (
        2,
        "Error: r.charlm: only n-gram models have an ARPA form; --torch FILE writes a network\n",
    )


def test_info_as_json(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "2")
    facts = json.loads(charlm("info", "book.ngram.charlm", "--json").out)
    assert (facts["schema"], facts["kind"], facts["settings"]["order"]) == (1, "ngram", 2)
    assert facts["training"]["symbols"] == len(TEXT) * 4
    assert "book.txt" not in json.dumps(facts["training"])


def test_short_text_trains_and_says_what_shrank(charlm: Charlm) -> None:
    Path("tiny.txt").write_text("hello")
    result = charlm("train", "rnn", "tiny.txt", *SMALL_RNN)
    assert result.code == 0
    assert "The text is short: batch 1, window 5." in result.err


FAILURES = [
    (("train", "nowhere.txt"), 1, "nowhere.txt: no such file"),
    (("train", "nowhere/*.txt"), 1, "nowhere/*.txt: no file matches"),
    (("train", "empty.txt"), 1, "empty.txt: empty, there is nothing to learn"),
    (("train", "rnn", "empty.txt"), 1, "empty.txt: empty, there is nothing to learn"),
    (("train", "binary"), 1, "try --encoding NAME, --errors replace or --unit byte"),
    (("train", "book.txt", "-o", "other.txt"), 1, "is not a charlm model; --force overwrites"),
    (("train", "book.txt", "-o", "no/model"), 1, "there is no folder no"),
    (("train", "book.txt", "-o", "."), 1, "is a directory"),
    (("train", "book.txt", "-o", "-"), 1, "a model is a file: give -o a name"),
    (("train", "book.txt", "--valid", "empty.txt"), 1, "nothing to validate on"),
    (("train", "book.txt", "--min-count", "999999"), 2, "choose a smaller min-count"),
    (("train", "book.txt", "--order", "999999"), 2, "0 to 255"),
    (("train", "rnn", "book.txt", "--hidden", "99999999"), 1, "not enough memory"),
    (("sample", "a\x1b[31m\nb"), 1, "a\\x1b[31m\\nb: no such file"),
    (("train", "book.txt", "--encoding", "klingon"), 2, "unknown encoding"),
    (("train", "book.txt", "--unit", "byte", "--lowercase"), 2, "bytes as they are"),
    (("train", "book.txt", "--unit", "letter"), 2, "'letter' is not one of 'char', 'byte'"),
    (("train", "book.txt", "--order", "-1"), 2, "--order"),
    (("train", "book.txt", "--smoothing", "kn"), 2, "'witten-bell'"),
    (("train", "book.txt", "--prune", "0,1,x"), 2, "no list of counts"),
    (("train", "book.txt", "--prune", "0,2,1"), 2, "may not fall"),
    (("train", "rnn"), 2, "TEXT..."),
    (("sample", "nothing.charlm"), 1, "nothing.charlm: no such file"),
    (("sample", "book.txt"), 1, "book.txt: looks like a text, not a model"),
    (("perplexity", "book.txt", "other.txt"), 1, "book.txt: looks like a text, not a model"),
    (("info", "empty.txt"), 1, "empty.txt: is not a model file"),
    (("import", "book.txt"), 1, "or no ARPA file"),
    (("import", "words.arpa"), 1, "try --unit token"),
    (("sing",), 2, "No such command 'sing'"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "message"), FAILURES, ids=[" ".join(f[0]) for f in FAILURES]
)
def test_failures_are_one_line(
    arguments: tuple[str, ...], code: int, message: str, charlm: Charlm
) -> None:
    Path("empty.txt").write_bytes(b"")
    Path("binary").write_bytes(bytes(range(256)))
    Path("words.arpa").write_text("\\data\\\nngram 1=1\n\\1-grams:\n-1 the\n\\end\\\n")
    result = charlm(*arguments)
    assert result.code == code
    (line,) = result.err.splitlines()
    assert line.startswith("Error: ")
    assert message in line
    assert result.out == ""


def test_models_are_named_after_their_text(charlm: Charlm) -> None:
    Path("ch.1.txt").write_text(TEXT)
    Path("ch.2.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    assert charlm("train", "ch.1.txt").err.endswith("charlm sample ch.1.ngram.charlm\n")
    assert charlm("train", "ch.2.txt.gz").err.endswith("charlm sample ch.2.ngram.charlm\n")
    assert charlm("train", "-", stdin=b"abc").err.endswith("charlm sample stdin.ngram.charlm\n")


def test_how_a_text_comes_changes_no_byte(charlm: Charlm) -> None:
    text = Path("book.txt").read_bytes()
    for module in (gzip, bz2, lzma):
        Path(f"book.{module.__name__}").write_bytes(module.compress(text))
    models = set()
    for source in ("book.txt", "book.gzip", "book.bz2", "book.lzma", "-"):
        assert charlm("train", source, "-o", "m.charlm", stdin=text).code == 0
        models.add(Path("m.charlm").read_bytes())
    assert len(models) == 1


def test_no_room_for_the_output(charlm: Charlm) -> None:
    charlm("train", "book.txt")
    command = f"{sys.executable} -m charlm sample book.ngram.charlm > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr == b"Error: standard output: No space left on device\n"


def test_terminals_without_the_characters(charlm: Charlm) -> None:
    charlm("train", "book.txt")
    Path("é.txt").write_text("text")
    command = [sys.executable, "-m", "charlm", "perplexity", "book.ngram.charlm", "é.txt"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert b"\\xe9.txt: 4 characters" in done.stdout


def test_nothing_is_lost_by_a_refusal(charlm: Charlm) -> None:
    before = Path("other.txt").read_bytes()
    charlm("train", "book.txt", "-o", "other.txt")
    assert Path("other.txt").read_bytes() == before
    assert charlm("train", "book.txt", "-o", "other.txt", "--force").code == 0
    assert charlm("train", "other.txt", "-o", "other.txt").code == 1  # a model is no text


def test_divergence_is_one_line(charlm: Charlm) -> None:
    result = charlm(
        "train", "rnn", "book.txt", "--activation", "linear", "--optimizer", "sgd",
        "--learning-rate", "1e38", "--clip", "1e38", "--steps", "50",
    )  # fmt: skip
    assert result.code == 1
    assert "diverged at step" in result.err.splitlines()[-1]
    assert not Path("book.rnn.charlm").exists()


def test_bugs_are_one_line_unless_debugging(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("charlm.ngram.estimation.estimate", fails)
    result = charlm("train", "book.txt")
    assert result.code == 1
    assert result.err.startswith("Error: ZeroDivisionError: oops (a bug in charlm")
    monkeypatch.setattr(sys, "argv", ["charlm", "--debug", "train", "book.txt"])
    with pytest.raises(ZeroDivisionError):
        run()


@pytest.mark.parametrize(
    "words",
    ["sample book.ngram.charlm --length 100000", "export book.ngram.charlm --order 5 -q -o -"],
)
def test_a_reader_that_goes_away_is_no_error(words: str, charlm: Charlm) -> None:
    charlm("train", "book.txt")
    command = f"{sys.executable} -m charlm {words} | head -c 10"
    script = f"set -o pipefail; {command}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
    assert (len(done.stdout), done.stderr, done.returncode) == (10, b"", 141)
