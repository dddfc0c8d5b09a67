"""Counts with the same pool of threads, under a Python without a global interpreter lock.

What you learn: since 3.13 Python can be built without the lock (python3.13t, python3.14t). Then the
threads of the rung before run at the same time. One thread is slower than with the lock.
"""

import rung
from python_threads import hits

if __name__ == "__main__":
    rung.main(hits)
