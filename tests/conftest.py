"""One BLAS thread, as the command line has it; it must be said before NumPy is first imported.

Commands that tests run write through a buffer, as they do for a user: what is left in it when a
disk is full is a case of its own. And they hear Ctrl-C, which shells have background jobs ignore.

Examples have no deadline, for a busy machine is no failure; `make endurance` draws many more.
"""

import os
import signal

from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.pop("PYTHONUNBUFFERED", None)
signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("calm", deadline=None)
settings.register_profile("endurance", deadline=None, max_examples=2_000)
settings.load_profile("calm")
