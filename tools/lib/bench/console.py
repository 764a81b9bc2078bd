"""Messages as tools/lib/common.sh writes them: to stderr, so that stdout stays for the result."""

import os
import sys
import time

_coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"


def _write(colour, text):
    sys.stderr.write(f"\x1b[{colour}m{text}\x1b[0m\n" if _coloured else text + "\n")
    sys.stderr.flush()


def step(text):
    _write("1", f"==> {text}")


def progress(text):
    _write("2", f"    {text}")


def ok(text):
    _write("32", f"  ✓ {text}")


def warn(text):
    _write("33", f"  ! {text}")


def failure(text):
    _write("31", f"  ✗ {text}")


class Ticker:
    """A progress line now and then while something long is done in Python."""

    def __init__(self, verb, total, seconds=5.0):
        self.verb, self.total, self.seconds = verb, total, seconds
        self.began = self.shown = time.monotonic()

    def at(self, done):
        now = time.monotonic()
        if now - self.shown >= self.seconds and done:
            self.shown = now
            left = (now - self.began) / done * (self.total - done)
            progress(f"{self.verb}: {100 * done // self.total} %, {left:.0f} s left")


def count(number):
    return f"{number:,.0f}"


def size(number):
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.2f} {unit}"
        number /= 1000


def milliseconds(microseconds):
    return f"{microseconds / 1000:.2f}" if microseconds < 100_000 else f"{microseconds / 1000:.0f}"


def table(header, rows):
    """A Markdown table whose columns are aligned for people, too; all but the first to the right."""
    cells = [list(map(str, row)) for row in rows]
    widths = [max(len(row[i]) for row in [header, *cells]) for i in range(len(header))]

    def line(row):
        return "| " + " | ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))) + " |"

    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([line(header), rule, *map(line, cells)])
