"""Calls C through cffi in API mode, and counts in parallel with OpenMP.

What you learn: cffi writes a module in C, so a compiler checks the declaration against the header,
and a call costs half as much as in ABI mode. coupling/sampler_cffi.py builds the module. The
package libpi calls its library in this way.
"""

import built
import rung

hits = built.module("sampler_cffi").lib.pi_hits

if __name__ == "__main__":
    rung.main(hits, info=built.info())
