"""One web process: `python -m frontend.local.web FD [APP]` serves on the listening socket it inherits.

The supervisor holds that socket. When a web process is killed, its neighbour answers, and when both are, new
connections wait in the queue instead of being refused.
"""

import gc
import socket
import sys

import uvicorn

GRACE_SECONDS = 4


def main(descriptor: int, app: str = "frontend.web:create_app") -> None:
    """Serve until SIGTERM, then let running requests end. Another `app` is served the same way: a benchmark's floor."""
    # Nothing that is made while loading is ever thrown away, and looking for it took a third of a start.
    gc.disable()
    listener = socket.socket(fileno=descriptor)
    config = uvicorn.Config(
        app,
        factory=True,
        log_config=None,
        # Starting and stopping is the supervisor's story to tell.
        log_level="warning",
        access_log=False,
        server_header=False,
        # Nobody stands before us, so nobody may tell us another address than the socket's.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    config.load()
    gc.freeze()
    gc.enable()
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
