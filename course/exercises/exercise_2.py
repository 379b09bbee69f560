"""Kneser-Ney by hand (lesson 3). 手算 Kneser-Ney（第 3 课）。"""


def continuation(text: str, letter: str) -> float:
    """Return the share of different pairs of neighbours that end in this letter.

    在文中不同的相邻字母对里，以该字母结尾的占几分之几（同一对只算一次）。

    In "abracadabra" there are 7 different pairs, 4 of which end in "a": 4/7.
    """
    ...


def kneser_ney(text: str, before: str, letter: str, discount: float) -> float:
    """Return P(letter | before), interpolated, of order 1.

    max(n(before letter) - D, 0)         D * (different letters after `before`)
    ----------------------------   +   ---------------------------------------- continuation
            n(before .)                               n(before .)
    """
    ...
