"""The loopback of a network of its own, and the ports of it that the harness serves.

Leaves what is said there to the harness.
"""

import _socket as socket
import os
import struct


def raise_loopback():
    """Brings up the loopback interface of a network of its own."""
    import fcntl

    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(asking.fileno(), 0x8914, request)  # SIOCSIFFLAGS
    finally:
        asking.close()


def hand_over_ports(descriptor, ports):
    """Opens the ports on this network's loopback and hands the sockets to the harness."""
    opened = []
    for port in ports:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("127.0.0.1", port))
            listening.listen(128)
        except OSError:
            listening.close()
        else:
            opened.append((port, listening))
    line = socket.socket(fileno=os.dup(descriptor))
    try:
        for port, listening in opened:
            descriptors = struct.pack("i", listening.fileno())
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
            line.sendmsg([struct.pack("!H", port)], rights)
            listening.close()
        line.send(struct.pack("!H", 0))  # that was all
    finally:
        line.close()
