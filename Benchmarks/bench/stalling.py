"""A reader that accepts every association and serves one of them: in between stands this, which passes bytes on for one
connection at a time and lets the others stall in the middle of an object."""

import socket
import threading


class OneServed:
    """Listens on `port` between `start` and `stop` and passes on to another port of this machine. A connection that is opened
    while another is served may say `before_stall` bytes, the handshakes and the beginning of an object; then nobody reads."""

    def __init__(self, to_port, before_stall=200_000):
        self.to_port, self.before_stall = to_port, before_stall
        self.server = self.port = None
        self.served = None
        self.lock = threading.Lock()
        self.stalled = 0
        self.open = set()
        self.stops = threading.Event()
        self.stalls = threading.Event()
        self.stalls.set()

    def start(self):
        self.server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self):
        while True:
            try:
                near, _ = self.server.accept()
                far = socket.create_connection(("127.0.0.1", self.to_port))
            except OSError:
                return
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.open |= {near, far}
                is_served = self.served is None or not self.stalls.is_set()
                if is_served and self.stalls.is_set():
                    self.served = near
                self.stalled += not is_served
            threading.Thread(target=self._pump, args=(near, far, None if is_served else self.before_stall),
                             daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, None), daemon=True).start()

    def _pump(self, source, target, limit):
        passed = 0
        try:
            while True:
                if limit is not None and passed >= limit:
                    # Nobody reads: the other side's window fills, and it waits.
                    while not self.stops.wait(0.2):
                        if self._is_gone(source):
                            return
                    return
                data = source.recv(1 << 17)
                if not data:
                    return
                target.sendall(data)
                passed += len(data)
        except OSError:
            pass
        finally:
            with self.lock:
                if self.served in (source, target):
                    self.served = None
                self.open -= {source, target}
            for one in (source, target):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                one.close()

    @staticmethod
    def _is_gone(one):
        """Whether the other side has closed, seen without reading what it sent: TCP_INFO's state is CLOSE_WAIT or beyond."""
        try:
            return one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] not in (1, 2, 3)
        except OSError:
            return True

    def stop(self):
        self.stops.set()
        if self.server:
            self.server.close()
        for one in list(self.open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
