"""A tandemd of our own on a free port, watched while it works; and the commands that talk to it."""

import contextlib
import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import threading
import time

from . import console

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class MeasurementError(Exception):
    """What was to be measured did not work; the text says what, and where to look."""


class MemoryWatch(threading.Thread):
    """Reads a process's anonymous resident memory every 100 ms: what a process needs, as opposed to the pages of mapped
    files, which the kernel may take back at any time. Keeps the peak of each phase."""

    def __init__(self, pid, interval=0.1):
        super().__init__(daemon=True)
        self.pid, self.interval = pid, interval
        self.phase, self.peaks, self.samples, self.last, self.file = "start", {}, 0, 0, 0
        self._end = threading.Event()

    def read(self):
        values = {}
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                name, _, value = line.partition(":")
                if name in ("RssAnon", "RssFile"):
                    values[name] = int(value.split()[0]) * 1024
        return values.get("RssAnon", 0), values.get("RssFile", 0)

    def run(self):
        while not self._end.wait(self.interval):
            try:
                self.last, self.file = self.read()
            except (OSError, ValueError):
                return  # The process has ended.
            self.samples += 1
            self.peaks[self.phase] = max(self.peaks.get(self.phase, 0), self.last)

    def end(self):
        self._end.set()
        self.join()

    @property
    def peak(self):
        return max(self.peaks.values(), default=0)


class Daemon:
    """Use as a context: started on entry, ended with SIGTERM on exit."""

    def __init__(self, binaries, data, models=None, log=None, arguments=()):
        self.binaries = pathlib.Path(binaries)
        self.data = pathlib.Path(data)
        self.models, self.arguments = models, list(arguments)
        self.log = pathlib.Path(log) if log else self.data.parent / (self.data.name + ".log")
        self.process = self.memory = None
        self.address = ""

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % probe.getsockname()[1]
        self.data.mkdir(parents=True, exist_ok=True)
        command = [str(self.binaries / "tandemd"), "--data", str(self.data), "--listen", self.address]
        if self.models:
            command += ["--models", str(self.models)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command + self.arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.memory = MemoryWatch(self.process.pid)
        self.memory.start()
        began = time.monotonic()
        try:
            while not self._answers():
                if self.process.poll() is not None:
                    raise MeasurementError(f"tandemd ended with {self.process.returncode}; its log: {self.log}\n{self.log_tail()}")
                if time.monotonic() - began > 300:
                    raise MeasurementError(f"tandemd did not answer within 300 s; its log: {self.log}")
                time.sleep(0.1)
        except BaseException:
            self.__exit__()
            raise
        self.start_seconds = time.monotonic() - began
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                console.warn("tandemd did not end within 30 s of SIGTERM; it is killed")
                self.process.kill()
                self.process.wait()
        if self.memory:
            self.memory.end()

    def _answers(self):
        """Whether a connection is taken and the health call is answered."""
        host, port = self.address.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), 0.5).close()
        except OSError:
            return False
        return subprocess.run(self.command("health"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def log_tail(self, lines=15):
        with contextlib.suppress(OSError):
            return "\n".join("    " + line for line in self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    # Commands

    def command(self, *arguments):
        return [str(self.binaries / "tandem"), "--connect", self.address, *map(str, arguments)]

    def tandem(self, *arguments, show_progress=False):
        """Runs `tandem …` and returns what it printed. Its progress goes to our stderr if wanted."""
        done = subprocess.run(self.command(*arguments), stdout=subprocess.PIPE, stderr=None if show_progress else subprocess.PIPE, text=True)
        if done.returncode:
            shown = "" if show_progress else done.stderr.strip()
            ended = "" if self.process.poll() is None else f"; tandemd ended with {self.process.returncode}:\n{self.log_tail()}"
            raise MeasurementError(f"tandem {' '.join(map(str, arguments))}: exit code {done.returncode} {shown}{ended}")
        return done.stdout

    def tandem_json(self, *arguments, show_progress=False):
        return json.loads(self.tandem(*arguments, "--json", show_progress=show_progress))

    def start_tandem(self, *arguments, log):
        """Starts `tandem …` beside us; the caller ends it."""
        with open(log, "ab") as out:
            return subprocess.Popen(self.command(*arguments), stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    @contextlib.contextmanager
    def on_one_processor(self):
        """Keeps all threads of the daemon, and the clients begun meanwhile, on one processor."""
        processors = os.sched_getaffinity(0)
        try:
            self._confine({min(processors)})
            yield
        finally:
            self._confine(processors)

    def _confine(self, processors):
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(task), processors)
        os.sched_setaffinity(0, processors)

    def load(self, collection, *arguments):
        """Runs the load generator and returns its report."""
        command = [str(self.binaries / "bench-load"), collection, "--connect", self.address, *map(str, arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise MeasurementError(f"{' '.join(command)}: exit code {done.returncode} {done.stderr.strip()}\n{done.stdout[-2000:]}")
        return json.loads(done.stdout)

    def collection(self, name):
        """What `tandem status --json` says of a collection; None where there is none."""
        return next((c for c in self.tandem_json("status")["collections"] if c["name"] == name), None)

    # Watching

    def cpu_seconds(self):
        """User and system time of the daemon so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def bytes_written(self):
        """Bytes that the daemon had the kernel write to disk so far."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/io").read_text().splitlines():
            if line.startswith("write_bytes:"):
                return int(line.split()[1])
        return 0

    def wait_applied(self, name, vectors=False, timeout=7200, interval=0.2):
        """Waits until keyword search, or both legs, show every write in the log. Returns the collection's state."""
        began = time.monotonic()
        while True:
            state = self.collection(name)
            applied = min(state["applied_sequence"], state["vector_applied_sequence"]) if vectors else state["applied_sequence"]
            if applied >= state["last_sequence"]:
                return state
            if time.monotonic() - began > timeout:
                raise MeasurementError(f"'{name}' is at {applied} of {state['last_sequence']} after {timeout} s: {state.get('problem', 'no problem named')}")
            time.sleep(interval)

    def wait_idle(self, share=0.05, window=1.0, timeout=300):
        """Waits until background work (sealing, merging) is over: two windows in which the daemon used hardly any CPU."""
        began, quiet = time.monotonic(), 0
        while quiet < 2:
            before, at = self.cpu_seconds(), time.monotonic()
            time.sleep(window)
            quiet = quiet + 1 if (self.cpu_seconds() - before) / (time.monotonic() - at) < share else 0
            if time.monotonic() - began > timeout:
                console.warn(f"the daemon is still at work after {timeout} s; measuring anyway")
                break
        return max(0.0, time.monotonic() - began - 2 * window)


def children_cpu_seconds():
    """CPU time of the commands that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def group_cpu_seconds(group):
    """CPU time of the live processes of a process group, with that of their children that have ended."""
    total = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = pathlib.Path(entry.path, "stat").read_text().rsplit(")", 1)[1].split()
                if int(fields[2]) == group:
                    total += sum(int(f) for f in fields[11:15])
    return total / TICKS_PER_SECOND


def group_is_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def folder_bytes(folder):
    """Space that a folder's files take on disk."""
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(root, name)).st_blocks * 512
    return total
