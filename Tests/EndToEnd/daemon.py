"""A daemon under test, and the command line that talks to it. Both are the release build's real executables."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TANDEM_BIN", ROOT / ".build" / "release"))
MODELS = pathlib.Path(os.environ.get("TANDEM_MODELS", "/var/lib/tandem/models"))
DATA = pathlib.Path(os.environ.get("TANDEM_TEST_DATA", ROOT.parent / "shared" / "data"))

HAS_MODELS = all((MODELS / name / "tandem.json").exists() for name in ("all-MiniLM-L6-v2", "ms-marco-MiniLM-L-12-v2"))
NEEDS_MODELS = f"no default models in {MODELS} (tools/fetch-models)"


def needs_collection(name):
    return f"no test collection {name} in {DATA} (TANDEM_TEST_DATA)"


class Daemon:
    """`tandemd` on a port of the system's choice. `folder` outlives it, so that another one may be started there."""

    def __init__(self, folder, models=None, listen="127.0.0.1:0"):
        self.folder = pathlib.Path(folder)
        self.state = tempfile.mkdtemp(prefix="tandem-state-", dir=self.folder.parent)
        self.log = self.folder.parent / f"{self.folder.name}.log"
        with open(self.log, "ab") as log:
            begin = self.log.stat().st_size
            self.process = subprocess.Popen(
                [BIN / "tandemd", "--data", self.folder, "--listen", listen, "--models", models or "none"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + 60
        while True:
            said = self.log.read_text(errors="replace")[begin:]
            if "listening on " in said:
                self.address = said.split("listening on ", 1)[1].split()[0]
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the daemon did not start:\n{said[-3000:]}")
            time.sleep(0.02)

    def stop(self):
        """SIGTERM. - Returns: exit code and seconds until the end."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30), time.monotonic() - begin

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def run(self, *arguments, stdin=None):
        """`tandem ARGUMENTS…`, whatever comes of it."""
        environment = dict(os.environ, TANDEM_ADDRESS=self.address, XDG_STATE_HOME=self.state)
        return subprocess.run(
            [BIN / "tandem", *map(str, arguments)], env=environment, input=stdin, capture_output=True, text=True, timeout=1100)

    def tandem(self, *arguments, stdin=None):
        """`tandem ARGUMENTS…`, which must succeed. - Returns: its stdout."""
        done = self.run(*arguments, stdin=stdin)
        if done.returncode != 0:
            words = " ".join(map(str, arguments))
            raise AssertionError(f"tandem {words}: exit code {done.returncode}\n{done.stderr}\ndaemon's log:\n{self.log.read_text(errors='replace')[-3000:]}")
        return done.stdout

    def json(self, *arguments, stdin=None):
        return json.loads(self.tandem(*arguments, "--json", stdin=stdin))
