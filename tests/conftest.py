"""One BLAS thread, as the command line has it; it must be said before NumPy is first imported."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
