"""One BLAS thread, as the command line has it; it must be said before NumPy is first imported.

Examples have no deadline, for a busy machine is no failure; `make endurance` draws many more.
"""

import os

from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
settings.register_profile("calm", deadline=None)
settings.register_profile("endurance", deadline=None, max_examples=2_000)
settings.load_profile("calm")
