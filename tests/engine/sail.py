"""A Sail server on loopback: Arrow Flight SQL over a cluster of two workers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Sail:
    """`sail flight server` with two workers; may be killed and started again at the same port."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As HOTWASH_ENGINE names it."""
        return f"flightsql://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it takes connections."""
        environment = {
            **os.environ,
            "SAIL_MODE": "local-cluster",
            "SAIL_CLUSTER__WORKER_INITIAL_COUNT": "2",
            "SAIL_CLUSTER__WORKER_MAX_COUNT": "2",
            # After an idle hour its only session would end, and every later query would fail.
            "SAIL_FLIGHT__SESSION_TIMEOUT_SECS": "315360000",
        }
        command = [str(Path(sys.executable).with_name("sail")), "flight", "server", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"sail did not start:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """Kills it and all its workers, which are threads of it, as a machine that is switched off."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
