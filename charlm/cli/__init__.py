"""The command line: one module or one room a command. Only here do click and rich appear.

`--help` and completion must be quick. So what declares the options of a command imports nothing
heavy (numpy, rich, the library); it opens one door in its body, and all behind the door import at
their heads.
"""
