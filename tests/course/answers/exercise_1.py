# mypy: ignore-errors
def followers(text, context):
    counts = {}
    for i in range(len(text) - len(context)):
        if text.startswith(context, i):
            letter = text[i + len(context)]
            counts[letter] = counts.get(letter, 0) + 1
    return counts


def probability(text, context, letter):
    counts = followers(text, context)
    return counts[letter] / sum(counts.values())
