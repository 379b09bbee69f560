"""Counts (lesson 2). 计数（第 2 课）。"""


def followers(text: str, context: str) -> dict[str, int]:
    """Say how often each letter comes after a context, anywhere in the text.

    上文在文中各处出现之后，每个字母各出现几次。

    followers("abracadabra", "a") is {"b": 2, "c": 1, "d": 1}.
    """
    ...


def probability(text: str, context: str, letter: str) -> float:
    """Return P(letter | context) by maximum likelihood. 返回最大似然估计的条件概率。"""
    ...
