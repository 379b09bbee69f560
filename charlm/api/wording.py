"""How an error names an option within its sentence: by its name in Python, or as others know it.

What an error advises is not worded here but in `errors.py`.
"""

from collections.abc import Callable
from typing import TypeAlias

OptionName: TypeAlias = Callable[[str], str]  # of the name in Python, which is the default (`str`)
