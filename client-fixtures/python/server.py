"""The real server in a process of its own, on a free port, with a data directory of its own."""
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

DEFAULT_BINARY = Path(__file__).resolve().parent / "../../target/release/roundtable"
READY_DEADLINE_SECS = 15
EXIT_DEADLINE_SECS = 12
SHOWN_LOG_LINES = 120


class Server:
    def __init__(self):
        self.binary = Path(os.environ.get("ROUNDTABLE_BIN", DEFAULT_BINARY)).resolve()
        if not self.binary.exists():
            raise SystemExit(f'no server binary at {self.binary}: build it with "cargo build --release" or set ROUNDTABLE_BIN')
        self.directory = tempfile.TemporaryDirectory(prefix="roundtable-fixture-")
        self.log = Path(self.directory.name) / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        arguments = [
            self.binary,
            "--listen", f"127.0.0.1:{self.port}=poker",
            "--ops-listen", "127.0.0.1:0",
            "--store", f"sqlite:{self.directory.name}/roundtable.db",
            "--log-format", "json",
            "--rate-limits", "off",
        ]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log, env={**os.environ, "LOG_LEVEL": "info"})
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__(RuntimeError, None, None)
            raise
        return self

    def __exit__(self, kind, _error, _trace):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(EXIT_DEADLINE_SECS)
        if kind is not None:
            print("\n".join(self.log.read_text().splitlines()[-SHOWN_LOG_LINES:]))
        self.directory.cleanup()

    def terminate(self):
        self.process.terminate()
        return self.process.wait(EXIT_DEADLINE_SECS)

    def call(self, method, path, body=None, token=None):
        """The status and the JSON of an answer, whatever the status is."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def ok(self, *call, status=200, **more):
        found, answer = self.call(*call, **more)
        assert found == status, (call, found, answer)
        return answer["data"]

    def _wait_until_ready(self):
        end = time.monotonic() + READY_DEADLINE_SECS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with {self.process.returncode} instead of starting")
            try:
                if self.call("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise SystemExit(f"the server did not answer within {READY_DEADLINE_SECS} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
