r"""ARPA files: the text format in which n-gram tools exchange back-off models.

    \data\
    ngram 1=67
    \1-grams:
    -1.234   a   -0.301        log10 P(a), the symbol, log10 of its back-off weight
    ...
    \2-grams:
    -0.5     t h               histories stand before the symbol they predict
    \end\

`writing.py` makes them and `reading.py` takes those of any tool; `names.py` says how symbols are
spelt there, `lines.py` takes lines apart, `file.py` the file, `rows.py` puts n-grams together,
`excess.py` sees whether probabilities add up to more than 1.
"""
