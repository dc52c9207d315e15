"""Refuses and records every connection and name look-up that leaves this computer, in each process that finds it.

Python imports a module of this name as it starts. With the folder in PYTHONPATH, every Python process, and each that it
starts, is watched from its first line on; each attempt is one line of JSON in the file that SLUGLINE_WATCH names.
With SLUGLINE_WATCH_LISTENING, to listen where others reach it is refused too.
"""

import os
import sys

_LOG = os.environ.get("SLUGLINE_WATCH")
_LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_ADDRESSES = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}
if os.environ.get("SLUGLINE_WATCH_LISTENING"):
    _ADDRESSES["socket.bind"] = 1


def _is_here(host: object) -> bool:
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return name in {"localhost", "::1", ""} or name.startswith(("127.", "::ffff:127."))


def _watch(event: str, values: tuple) -> None:
    if event in _LOOK_UPS:
        host = values[0][0] if event == "socket.gethostbyaddr" and isinstance(values[0], tuple) else values[0]
        # Whoever listens everywhere asks nobody.
        if host in {"0.0.0.0", "::"}:
            return
    elif event in _ADDRESSES:
        address = values[_ADDRESSES[event]]
        # A path is a socket of this computer, and no address is that of a socket which is connected already.
        if not isinstance(address, tuple) or isinstance(address[0], int):
            return
        host = address[0]
        # To listen everywhere is no contact, but no default either.
        if event == "socket.bind" and host == "":
            host = "0.0.0.0"
    else:
        return
    if _is_here(host):
        return
    import json

    line = json.dumps({"event": event, "host": str(host), "process": sys.argv[:6]}) + "\n"
    file = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line.encode())
    os.close(file)
    raise OSError(101, f"refused by the watch: {host}")


if _LOG:
    sys.addaudithook(_watch)
