"""Room for thousands of sockets in one process."""

from __future__ import annotations

import resource

SPARE = 256


def room_for(connections: int) -> None:
    """Raise the soft limit of open files as far as is needed. Raises `OSError` when the hard limit is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard not in (resource.RLIM_INFINITY,) and hard < wanted:
            raise OSError(f"{connections} connections need {wanted} open files; the limit is {hard} (ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
