"""The library's face: a model as Python programs use it, and the functions that make one.

Beside the face (`model`, `training`, `mixing`, `arguments`) there is the engine under it and under
the command line alike: `checkpoints`, `fine_tuning`, `network_training`, `ngram_training`,
`pruning`; `wording` is how it names options to both.
"""
