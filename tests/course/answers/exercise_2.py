# mypy: ignore-errors
def pairs(text):
    return [text[i : i + 2] for i in range(len(text) - 1)]


def continuation(text, letter):
    different = set(pairs(text))
    return sum(pair[1] == letter for pair in different) / len(different)


def kneser_ney(text, before, letter, discount):
    after = [pair[1] for pair in pairs(text) if pair[0] == before]
    own = max(after.count(letter) - discount, 0) / len(after)
    return own + discount * len(set(after)) / len(after) * continuation(text, letter)
