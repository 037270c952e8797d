"""A bad road: a TCP proxy that delays, throttles, goes silent, resets and closes one half, as it is told while it runs."""

import select
import socket
import struct
import threading
import time


class ChaosProxy:
    """Listens on `port` and passes on to `target`. Attributes may be changed at any time and hold for every connection:

    delay       seconds before each piece is passed on
    rate        bytes a second in each direction; 0 is no limit
    blackhole   takes connections and bytes and passes nothing on
    refuse      resets each new connection at once
    cut_after   resets each connection after so many bytes towards the target; 0 is never
    half_close  after so many bytes towards the target closes only that direction; 0 is never
    """

    def __init__(self, port, target, **settings):
        self.port, self.target = port, target
        self.delay, self.rate = 0.0, 0
        self.blackhole = self.refuse = False
        self.cut_after = self.half_close = 0
        self.__dict__.update(settings)
        self.connections = 0
        self.bytes_out = 0
        self.open = set()
        self.lock = threading.Lock()
        self.listener = None

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
        return self

    def stop(self):
        if self.listener:
            self.listener.close()
            self.listener = None
        self.cut()

    def cut(self):
        """Resets whatever is open."""
        with self.lock:
            pairs = list(self.open)
        for pair in pairs:
            for one in pair:
                self._reset(one)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @staticmethod
    def _reset(one):
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # Wakes whoever waits for it.
            one.shutdown(socket.SHUT_RD)
        except OSError:
            pass
        one.close()

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
            if self.refuse:
                self._reset(near)
                continue
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near):
        try:
            far = socket.create_connection(self.target, timeout=10)
        except OSError:
            return self._reset(near)
        for one in (near, far):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = (near, far)
        with self.lock:
            self.open.add(pair)
        state = {"out": 0}
        back = threading.Thread(target=self._pass, args=(far, near, pair, None), daemon=True)
        back.start()
        self._pass(near, far, pair, state)
        back.join()
        with self.lock:
            self.open.discard(pair)
        near.close()
        far.close()

    def _pass(self, source, sink, pair, state):
        """`state` is that of the direction towards the target."""
        try:
            while True:
                if not select.select([source], [], [], 0.5)[0]:
                    continue
                data = source.recv(16384)
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                if self.delay:
                    time.sleep(self.delay)
                while self.blackhole:
                    time.sleep(0.1)
                    if source.fileno() < 0:
                        return
                if self.rate:
                    time.sleep(len(data) / self.rate)
                if state is not None:
                    state["out"] += len(data)
                    with self.lock:
                        self.bytes_out += len(data)
                    if self.cut_after and state["out"] >= self.cut_after:
                        for one in pair:
                            self._reset(one)
                        return
                    if self.half_close and state["out"] >= self.half_close:
                        sink.sendall(data)
                        sink.shutdown(socket.SHUT_WR)
                        return
                sink.sendall(data)
        except (OSError, ValueError):
            for one in pair:
                self._reset(one)
