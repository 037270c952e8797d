"""Associations that stand and say nothing, from a few bytes each: a hundred of them should cost this side nothing."""

import socket
import struct

APPLICATION, VERIFICATION, CT = "1.2.840.10008.3.1.1.1", "1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"


def _item(kind, content):
    return struct.pack(">BBH", kind, 0, len(content)) + content


def _request(called, calling):
    """A-ASSOCIATE-RQ (PS3.8 9.3.2) for Verification and CT Image Storage."""
    contexts = b"".join(
        _item(0x20, bytes([2 * number + 1, 0, 0, 0]) + _item(0x30, abstract.encode())
              + b"".join(_item(0x40, syntax.encode()) for syntax in (EXPLICIT, IMPLICIT)))
        for number, abstract in enumerate((VERIFICATION, CT)))
    user = _item(0x50, _item(0x51, struct.pack(">I", 16384)) + _item(0x52, b"2.25.1234567890"))
    body = (struct.pack(">HH", 1, 0) + called.ljust(16).encode() + calling.ljust(16).encode() + bytes(32)
            + _item(0x10, APPLICATION.encode()) + contexts + user)
    return struct.pack(">BBI", 1, 0, len(body)) + body


class IdleAssociations:
    """So many stand between `with` and its end."""

    def __init__(self, receiver, count, calling="MODALITY"):
        self.receiver, self.count, self.calling = receiver, count, calling
        self.sockets = []

    def __enter__(self):
        for _ in range(self.count):
            one = socket.create_connection(("127.0.0.1", self.receiver.port), timeout=30)
            self.sockets.append(one)
            one.sendall(_request(self.receiver.title, self.calling))
            answer = one.recv(4096)
            if not answer or answer[0] != 2:
                raise RuntimeError(f"association {len(self.sockets)} of {self.count} was not accepted")
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()
