"""The machine that was measured on, and who else was at work on it meanwhile."""

import datetime
import os
import pathlib
import statistics
import subprocess
import time


def describe(root):
    """One line: processor, cores, memory, system, commit."""
    model, flags = "unknown processor", ""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            model = value.strip()
        if name.strip() == "flags":
            flags = value
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = "Linux"
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            system = line.split("=", 1)[1].strip('"')
    simd = " ".join(f for f in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16") if f in flags.split())
    cores = len(os.sched_getaffinity(0))
    return f"{model}, {cores} cores ({simd}), {memory:.0f} GiB, {system}, commit {commit(root)}, {datetime.date.today().isoformat()}"


def wake_microseconds(rounds=1000):
    """Median time in which a process wakes another that sleeps: on another processor (None where there is but one), on the same."""
    processors = sorted(os.sched_getaffinity(0))
    return (_wake(processors[0], processors[1], rounds) if len(processors) > 1 else None, _wake(processors[0], processors[0], rounds))


def _wake(ours, theirs, rounds):
    (there_out, there_in), (back_out, back_in) = os.pipe(), os.pipe()
    before = os.sched_getaffinity(0)
    child = os.fork()
    if child == 0:
        try:
            os.close(there_in)
            os.sched_setaffinity(0, {theirs})
            while os.read(there_out, 1):
                os.write(back_in, b".")
        finally:
            os._exit(0)
    try:
        os.sched_setaffinity(0, {ours})
        times = []
        for _ in range(rounds):
            time.sleep(0.0002)
            begin = time.perf_counter_ns()
            os.write(there_in, b".")
            os.read(back_out, 1)
            times.append((time.perf_counter_ns() - begin) / 2000)
    finally:
        os.sched_setaffinity(0, before)
        for descriptor in (there_in, there_out, back_in, back_out):
            os.close(descriptor)
        os.waitpid(child, 0)
    return statistics.median(times)


def commit(root):
    def git(*arguments):
        return subprocess.run(["git", "-C", str(root), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()

    name = git("rev-parse", "--short", "HEAD")
    if not name:
        return "unknown"
    return name + ("+" if git("status", "--porcelain", "--untracked-files=no", "--", "Sources") else "")


class Neighbours:
    """How much of the machine other processes used between two moments. A figure without it says little.

    `ours` returns the CPU seconds that the measured processes have used so far."""

    def __init__(self, ours):
        self.ours = ours
        self.begin()

    def begin(self):
        self.busy, self.mine, self.at = self._busy(), self.ours(), time.monotonic()

    @staticmethod
    def _busy():
        fields = [int(x) for x in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        # user nice system idle iowait irq softirq steal; guest time is in user already.
        return (sum(fields[:8]) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")

    def share(self):
        """Share of all cores that others took since `begin`, 0 to 1."""
        seconds = max(1e-3, time.monotonic() - self.at) * (os.cpu_count() or 1)
        return min(1.0, max(0.0, (self._busy() - self.busy - (self.ours() - self.mine)) / seconds))


def load_note(share):
    word = "quiet" if share < 0.05 else "busy" if share < 0.3 else "very busy: take ratios, not absolutes"
    return f"others used {100 * share:.0f} % of the machine meanwhile ({word}), load average {os.getloadavg()[0]:.1f}"
