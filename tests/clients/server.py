"""A server of its own for a check: started on a free port, stopped when the check ends."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 10


@contextmanager
def running(binary: Path, *arguments: str, log: Path) -> Iterator[str]:
    """Starts `binary serve ARGUMENTS --listen 127.0.0.1:0`, gives the base URL that it prints, and stops it in the end."""
    command = [str(binary.resolve()), "serve", *arguments, "--listen", "127.0.0.1:0"]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent)
    try:
        yield address(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def address(process: subprocess.Popen, log: Path) -> str:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        found = re.search(r"listening on (http://\S+)", log.read_text())
        if found:
            return found[1].rstrip("/")
        if process.poll() is not None:
            break
        time.sleep(0.05)
    ended = f"ended with {process.returncode}" if process.poll() is not None else f"gave no address within {START_SECONDS} s"
    raise SystemExit(f"clients: the server {ended}:\n{log.read_text()[-2000:]}")
