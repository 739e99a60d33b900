"""A python-socketio client that remembers every event in order of arrival."""
import threading
import time

import socketio

PATIENCE_SECS = 8


class Member:
    def __init__(self, url, transport, **auth):
        self.history = []
        self.cursor = 0
        self.news = threading.Condition()
        self.client = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.2)
        self.client.on("*", self._record)
        self.client.connect(url, auth=auth, transports=[transport], wait_timeout=PATIENCE_SECS)

    def next(self, event, accept=lambda _: True):
        """The payload of the next such event after the last one taken, whether it has come already or not."""
        end = time.monotonic() + PATIENCE_SECS
        with self.news:
            while True:
                for index in range(self.cursor, len(self.history)):
                    name, payload = self.history[index]
                    if name == event and accept(payload):
                        self.cursor = index + 1
                        return payload
                if not self.news.wait(end - time.monotonic()):
                    came = [name for name, _ in self.history[self.cursor:]]
                    raise AssertionError(f"no {event} within {PATIENCE_SECS} s; came: {came}")

    def names(self):
        with self.news:
            return [name for name, _ in self.history]

    def call(self, event, payload):
        return self.client.call(event, payload, timeout=PATIENCE_SECS)

    def leave(self):
        # `disconnect()` closes the transport without waiting for its own farewell, so the server may miss it.
        self.client.emit("session:leave")
        self.client.wait()

    def _record(self, event, payload=None):
        with self.news:
            self.history.append((event, payload))
            self.news.notify_all()
