"""symspellpy beside Tandem, with the same words and the same numbers of documents."""

import pathlib
import subprocess
import sys

from . import report, virtual
from .daemon import MeasurementError

PACKAGES = ("symspellpy==6.10.1",)
PEERS = pathlib.Path(__file__).parent / "peers"
WAYS = ("top", "compound")


class Peer:
    def __init__(self, cache, scratch):
        self.scratch = scratch
        self.python = virtual.python(
            cache, "spelling-peers", PACKAGES, "install symspellpy, which Tandem is compared with; is a package index within reach?")

    def suggest(self, words, texts):
        """Way -> suggestion for each text, None where it is the text itself."""
        plan, output = self.scratch / "symspell.plan.json", self.scratch / "symspell.json"
        report.save_json(plan, {"words": words, "texts": texts})
        done = subprocess.run([str(self.python), str(PEERS / "symspell_suggest.py"), str(plan), str(output)], stdout=sys.stderr)
        if done.returncode:
            raise MeasurementError(f"symspellpy ended with {done.returncode}")
        answers = report.read_json(output)
        return {way: [found if found != text else None for found, text in zip(answers[way], texts)] for way in WAYS}
