"""Run a module with every way out of this machine closed: ``python tests/offline.py LOG MODULE ARGUMENT…``.

Whatever is tried (a connection, a datagram, the lookup of a name) fails and is noted in LOG.
"""

import runpy
import sys
from typing import Any

LOCAL_NAMES = (None, "", "localhost", "::1", "0.0.0.0", "::")
SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")
ASKING = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def is_local(address: Any) -> bool:
    """Loopback, or no network address at all (a Unix socket's path)."""
    host = address[0] if isinstance(address, tuple) else None
    if isinstance(host, bytes):
        host = host.decode()
    return host in LOCAL_NAMES or str(host).startswith("127.")


def close_the_door(log: str) -> None:
    def watch(event: str, details: tuple[Any, ...]) -> None:
        if event in SENDING:
            address = details[1]
        elif event in ASKING:
            address = (details[0],)
        else:
            return
        if not is_local(address):
            with open(log, "a", encoding="utf-8") as notes:
                notes.write(f"{event} {address}\n")
            raise OSError(f"offline: {event} {address}")

    sys.addaudithook(watch)


if __name__ == "__main__":
    log, module = sys.argv[1:3]
    sys.argv = [module, *sys.argv[3:]]
    close_the_door(log)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
