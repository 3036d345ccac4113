"""One desk: a data directory, `deskctl`, and processes that can be killed."""
import json
import os
import secrets
import signal
import subprocess
import threading

COMMAND_S_MAX = 240


class Killed(Exception):
    pass


class Desk:
    def __init__(self, name, deskctl, dump_store, directory):
        self.name, self.deskctl, self.dump_store, self.directory = name, str(deskctl), str(dump_store), directory
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("DESKBELL", "XDG_"))}
        # Never the keyring of whoever runs this.
        self.environment |= {"DESKBELL_DATA_DIR": str(directory), "DESKBELL_PASSPHRASE": secrets.token_hex(16), "LC_ALL": "C.UTF-8",
                             "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
        self._lock, self._running = threading.Lock(), {}

    def run(self, *arguments, stdin="", role=None):
        """(exit status, lines of JSON, error); `role` makes the process one that `kill` can hit."""
        command = [self.deskctl, "--json", *map(str, arguments)]
        with self._lock:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       env=self.environment)
            if role:
                self._running[role] = process
        try:
            out, error = process.communicate(stdin, timeout=COMMAND_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            raise RuntimeError(f"{self.name}: {arguments} did not end in {COMMAND_S_MAX} s")
        finally:
            with self._lock:
                if role and self._running.get(role) is process:
                    del self._running[role]
        if process.returncode == -signal.SIGKILL:
            raise Killed
        return process.returncode, [json.loads(line) for line in out.splitlines()], error

    def ask(self, *arguments, stdin=""):
        status, rows, error = self.run(*arguments, stdin=stdin)
        if status != 0:
            raise RuntimeError(f"{self.name}: {arguments} ended with {status}: {error}")
        return rows[0] if len(rows) == 1 else rows

    def outbox(self):
        rows = self.ask("outbox", "list")
        return rows if isinstance(rows, list) else [rows]

    def mirror(self):
        """Every ticket by its remote id: {"ticket", "notes"}."""
        run = subprocess.run([self.dump_store, str(self.directory)], env=self.environment, capture_output=True, text=True, timeout=300)
        if run.returncode != 0:
            raise RuntimeError(f"{self.name}: the store cannot be read: {run.stderr}")
        return [json.loads(line) for line in run.stdout.splitlines()]

    def kill(self, role):
        """SIGKILL to the process in that role; false when there is none."""
        with self._lock:
            process = self._running.get(role)
            if process is None or process.poll() is not None:
                return False
            process.send_signal(signal.SIGKILL)
        return True
