"""`python tether.py PROGRAM ARG...`: become PROGRAM, tied to the parent: when the parent dies, SIGTERM comes.

A program of its own, so that nothing of ours runs between fork and exec in a process with threads. Linux only
(prctl(2), PR_SET_PDEATHSIG); elsewhere the program runs untied. It imports nothing of the project.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    """Tie, then replace this process. `argv[0]` is the pid that must still be our parent."""
    parent, program = int(argv[0]), argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the parent ended before this program began")
    os.execvp(program[0], program)  # noqa: S606 - replaces itself on purpose; the list comes from our own code


if __name__ == "__main__":
    main(sys.argv[1:])
