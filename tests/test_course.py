"""The course: what its lessons show is what a student gets, in both languages."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.readme import (
    BLOCK,
    PICTURES,
    ROOT,
    agree,
    examples,
    folder_with_corpora,
    run,
)

COURSE = PICTURES.parent
LESSONS = sorted(path.name for path in (COURSE / "en").glob("[01]*.md"))
LANGUAGES = ("en", "zh")
each_page = pytest.mark.parametrize(
    "page", [f"{language}/{name}" for language in LANGUAGES for name in LESSONS]
)
SVG_TEXT = "{http://www.w3.org/2000/svg}text"


def blocks(page: str) -> list[str]:
    return [block["body"] for block in BLOCK.finditer((COURSE / page).read_text())]


@pytest.mark.slow
def test_commands_print_what_the_lessons_show(tmp_path: Path) -> None:
    """In their order, for one lesson goes on from another; and they draw what is shown."""
    folder = folder_with_corpora(tmp_path)
    for lesson in LESSONS:
        for example in examples((COURSE / "en" / lesson).read_text()):
            output = run(example.command, folder)
            if "charlm sample" not in example.command:  # a network's text differs
                agree(example.output, output, f"{lesson}: {example.command}")
    for picture in PICTURES.iterdir():
        agree(*(" ".join(words_of(drawn)) for drawn in (picture, folder / picture.name)))


def words_of(picture: Path) -> list[str]:
    return [text.text or "" for text in ElementTree.parse(picture).iter(SVG_TEXT)]


def test_there_are_ten_lessons_in_both_languages() -> None:
    assert len(LESSONS) == 10
    for language in LANGUAGES:
        home = (COURSE / language / "README.md").read_text()
        assert re.findall(r"^\d+\. \[[^\]]+\]\(([^)]+)\)", home, re.M) == LESSONS
    for lesson in LESSONS:
        assert blocks(f"en/{lesson}") == blocks(f"zh/{lesson}") != []


@each_page
def test_a_lesson_has_all_its_parts(page: str) -> None:
    text = (COURSE / page).read_text()
    formulas = re.findall(r"\$\$(.+?)\$\$", text, re.S)
    assert formulas
    headings = re.findall(r"^## (.+)$", text, re.M)
    ends = {"en": ["Where it stands", "Exercises"], "zh": ["它在哪里", "练习"]}
    assert headings[-2:] == ends[page[:2]]
    exercises, answers = text.split(f"## {headings[-1]}")[1].split("<details>")
    assert [re.findall(r"^(\d)\. ", part, re.M) for part in (exercises, answers)] == [
        ["1", "2", "3"]
    ] * 2


@each_page
def test_all_that_a_lesson_names_is_there(page: str) -> None:
    text = (COURSE / page).read_text()
    named = re.findall(r"`((?:charlm|tests|corpora)/[\w/]*(?:\.\w+)?)`", text)
    assert any(name.startswith("charlm/") for name in named)
    assert any(name.startswith("tests/") for name in named)
    assert not [name for name in named if not (ROOT / name).exists()]
    links = re.findall(r"\]\(([^)#:]+)[)#]", text)
    assert not [link for link in links if not (COURSE / page).parent.joinpath(link).exists()]


@pytest.mark.parametrize("lesson", LESSONS)
def test_both_languages_have_the_same_formulas(lesson: str) -> None:
    """But for the words in them."""
    en, zh = (
        re.findall(r"\$\$(.+?)\$\$", (COURSE / language / lesson).read_text(), re.S)
        for language in LANGUAGES
    )
    assert [bare(formula) for formula in en] == [bare(formula) for formula in zh]


def bare(formula: str) -> str:
    """Return a formula without words and blanks."""
    return re.sub(r"\\text\{[^}]*\}|\s", "", formula)
