"""What all tests need."""

import signal

# The tests may run in the background of a script, whose shell ignores this signal there. The
# programs that they start and interrupt would ignore it too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
