"""Estimates pi through the Fortran module, wrapped by f2py from estimate_pi_f2py.f90.

Build the extension pi_f2py first: ffi/README.md shows how.
"""

from pi_f2py import pi_for_python

PHILOX = 1
COUNT = 1_000_000

hits, status, message = pi_for_python.hits(PHILOX, 42, 0, COUNT)
assert status == 0, message
pi, standard_error, status, message = pi_for_python.estimate(hits, COUNT)
assert status == 0, message
print(f"{hits} hits of {COUNT} samples")
print(f"pi = {pi:.6f}, standard error {standard_error:.6f}")

# An error is a status and a message.
hits, status, message = pi_for_python.hits(PHILOX, 42, 0, -5)
print(f"status {status}: {message.decode().strip()}")
