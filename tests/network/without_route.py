"""Runs a command in a network namespace with a loopback and nothing else, and counts who tried to leave.

    python tests/network/without_route.py [--counts FILE] COMMAND ...

The kernel counts each packet for which it has no route, whoever sends it: also compiled code, which no watch in Python
sees. Exits with the command's code, or with 77 if this system does not permit such a namespace (Linux, as root or where
users may make namespaces). --counts takes JSON: {"no_route": N}.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

NOT_PERMITTED = 77
"""The exit code where there can be no such namespace."""

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_SET_FLAGS, _UP = 0x8914, 0x1


def main() -> None:
    """Enter, run, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    try:
        enter()
    except OSError as error:
        print(f"no network namespace can be made here: {error}", file=sys.stderr)
        sys.exit(NOT_PERMITTED)
    before = without_route()
    code = subprocess.run(given.command, check=False).returncode
    if given.counts:
        given.counts.write_text(json.dumps({"no_route": without_route() - before}), encoding="utf-8")
    sys.exit(code if code >= 0 else 128 - code)


def enter() -> None:
    """Move this process into a namespace of its own and bring its loopback up; OSError where that is not permitted."""
    if sys.platform != "linux":
        raise OSError("it is a matter of Linux")
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_NETWORK if user == 0 else _NEW_NETWORK | _NEW_USER):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14s", b"lo", _UP, b""))


def without_route() -> int:
    """How many packets of this namespace had no route, of either version of the protocol."""
    names, values = (
        line.split() for line in Path("/proc/self/net/snmp").read_text("ascii").splitlines() if line.startswith("Ip:")
    )
    count = int(dict(zip(names, values, strict=True))["OutNoRoutes"])
    later = Path("/proc/self/net/snmp6")
    if later.exists():
        count += int(dict(line.split() for line in later.read_text("ascii").splitlines())["Ip6OutNoRoutes"])
    return count


if __name__ == "__main__":
    main()
