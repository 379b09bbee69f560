"""The command line: one module or one room a command. Only here do click and rich appear.

Heavy imports (numpy, rich, the library) stand inside the commands, so that `--help` is quick.
"""
