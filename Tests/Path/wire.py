"""DICOM's upper layer by hand (PS3.8), for what no well-behaved library would send."""

import socket
import struct

VERIFICATION = "1.2.840.10008.1.1"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"


def item(kind, content):
    return struct.pack(">BBH", kind, 0, len(content)) + content


def pdu(kind, content):
    return struct.pack(">BBI", kind, 0, len(content)) + content


def associate_request(called, calling, contexts, maximum=16384):
    """contexts: a list of (abstract syntax, [transfer syntaxes]); ids are 1, 3, 5 …"""
    body = struct.pack(">HH16s16s32x", 1, 0, called.ljust(16).encode(), calling.ljust(16).encode())
    body += item(0x10, b"1.2.840.10008.3.1.1.1")
    for number, (abstract, syntaxes) in enumerate(contexts):
        inner = item(0x30, abstract.encode()) + b"".join(item(0x40, s.encode()) for s in syntaxes)
        body += item(0x20, struct.pack(">BBBB", 2 * number + 1, 0, 0, 0) + inner)
    user = item(0x51, struct.pack(">I", maximum)) + item(0x52, b"2.25.1") + item(0x55, b"PATHTEST")
    return pdu(0x01, body + item(0x50, user))


def element(group, number, value):
    """Implicit VR little endian, padded."""
    if len(value) % 2:
        value += b"\0"
    return struct.pack("<HHI", group, number, len(value)) + value


def store_command(sop_class, sop_instance, message=1):
    body = element(0, 0x0002, sop_class.encode()) + element(0, 0x0100, struct.pack("<H", 1))
    body += element(0, 0x0110, struct.pack("<H", message)) + element(0, 0x0700, struct.pack("<H", 0))
    body += element(0, 0x0800, struct.pack("<H", 0)) + element(0, 0x1000, sop_instance.encode())
    return element(0, 0, struct.pack("<I", len(body))) + body


def echo_command(message=1):
    body = element(0, 0x0002, VERIFICATION.encode()) + element(0, 0x0100, struct.pack("<H", 0x30))
    body += element(0, 0x0110, struct.pack("<H", message)) + element(0, 0x0800, struct.pack("<H", 0x0101))
    return element(0, 0, struct.pack("<I", len(body))) + body


def data_pdus(context, payload, command, size=16000):
    for start in range(0, max(len(payload), 1), size):
        part = payload[start:start + size]
        last = start + size >= len(payload)
        header = (1 if command else 0) | (2 if last else 0)
        yield pdu(0x04, struct.pack(">IBB", len(part) + 2, context, header) + part)


class Closed(Exception):
    """The peer closed the connection."""


class Aborted(Exception):
    """A-ABORT."""


class Association:
    """`outcome` is 'accepted', 'rejected', 'aborted' or 'closed'; `rejection` is (result, source, reason)."""

    def __init__(self, port, called, calling, contexts=((CT_IMAGE, (EXPLICIT, IMPLICIT)),), tls=None,
                 source=None, timeout=30, server_hostname=None):
        self.socket = socket.create_connection(
            ("127.0.0.1", port), timeout=timeout, source_address=(source, 0) if source else None)
        self.socket.settimeout(timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=server_hostname)
        self.rejection = None
        self.accepted = {}
        self.outcome = "closed"
        try:
            self.socket.sendall(associate_request(called, calling, contexts))
            kind, body = self.receive()
        except (Closed, OSError):
            return
        if kind == 0x02:
            self.outcome = "accepted"
            self.accepted = self._contexts(body)
        elif kind == 0x03:
            self.outcome = "rejected"
            self.rejection = tuple(body[1:4])
        elif kind == 0x07:
            self.outcome = "aborted"

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise Closed()
            data += part
        return data

    def receive(self):
        kind, _, length = struct.unpack(">BBI", self._exactly(6))
        return kind, self._exactly(length)

    @staticmethod
    def _contexts(body):
        found, at = {}, 68
        while at + 4 <= len(body):
            kind, _, length = struct.unpack(">BBH", body[at:at + 4])
            if kind == 0x21:
                number, _, result, _ = struct.unpack(">BBBB", body[at + 4:at + 8])
                if result == 0:
                    found[number] = body[at + 12:at + 4 + length].rstrip(b"\0").decode()
            at += 4 + length
        return found

    def send(self, payload, context=1, command=False):
        for one in data_pdus(context, payload, command):
            self.socket.sendall(one)

    def response(self):
        """The status of the next response."""
        command = b""
        while True:
            kind, body = self.receive()
            if kind == 0x07:
                raise Aborted()
            if kind != 0x04:
                raise Closed()
            command += body[6:]
            if body[5] & 2:
                break
        at = 0
        while at + 8 <= len(command):
            group, number, length = struct.unpack("<HHI", command[at:at + 8])
            if (group, number) == (0, 0x0900):
                return struct.unpack("<H", command[at + 8:at + 10])[0]
            at += 8 + length
        raise Closed()

    def store(self, sop_class, sop_instance, data, context=1, message=1):
        """The status, 'aborted' or 'closed'."""
        try:
            self.send(store_command(sop_class, sop_instance, message), context, command=True)
            self.send(data, context)
            return self.response()
        except Aborted:
            return "aborted"
        except (Closed, OSError):
            return "closed"

    def echo(self, context=1):
        try:
            self.send(echo_command(), context, command=True)
            return self.response()
        except Aborted:
            return "aborted"
        except (Closed, OSError):
            return "closed"

    def release(self):
        try:
            self.socket.sendall(pdu(0x05, b"\0\0\0\0"))
            self.receive()
        except (Closed, OSError):
            pass
        self.close()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
