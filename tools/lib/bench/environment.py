"""Where things are, the options that all tools share, and how a run ends."""

import json
import os
import pathlib
import subprocess
import sys

from . import console, report
from .daemon import MeasurementError


def add_common(parser):
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md, between its markers")
    parser.add_argument("--cache", metavar="DIR", help="where workloads and kept data lie (default: $TANDEM_BENCH_DIR, else .build/bench)")


class Place:
    def __init__(self, options, programs=("tandemd", "tandem", "bench-load")):
        self.root = pathlib.Path(os.environ["TANDEM_ROOT"])
        self.binaries = pathlib.Path(os.environ["TANDEM_BIN"])
        for name in programs:
            if not (self.binaries / name).exists():
                usage(f"TANDEM_BIN: {self.binaries} has no '{name}'")
        self.cache = pathlib.Path(options.cache or os.environ.get("TANDEM_BENCH_DIR") or self.root / ".build/bench").absolute()
        self.cache.mkdir(parents=True, exist_ok=True)
        self.models = pathlib.Path(os.environ.get("TANDEM_MODELS") or "/var/lib/tandem/models")

    def shared(self, path):
        """A file of the shared folder beside the checkout, or None."""
        found = (self.root / "../shared" / path).resolve()
        return found if found.exists() else None

    def test_data(self, name):
        """Folder of a test collection in BEIR layout."""
        base = os.environ.get("TANDEM_DATA")
        folder = pathlib.Path(base) / name if base else self.shared(f"data/{name}")
        if not folder or not (folder / "corpus.jsonl").exists():
            raise MeasurementError(f"the test collection '{name}' is neither in $TANDEM_DATA nor in ../shared/data beside the checkout")
        return folder

    def need_models(self):
        for name in ("all-MiniLM-L6-v2", "ms-marco-MiniLM-L-12-v2"):
            if not (self.models / name / "tandem.json").exists():
                raise MeasurementError(f"no model {name} in {self.models}: run tools/fetch-models, or set TANDEM_MODELS")

    def finish(self, name, result, body, options, folder=None):
        """Keeps the result, prints it, and writes it into the page if wanted. `folder`: where result and table go, instead of the cache."""
        path = pathlib.Path(folder or self.cache) / f"{name}.json"
        report.save_json(path, result)
        if folder:
            report.replace_file(path.with_suffix(".md"), body + "\n")
        print(json.dumps(result, indent=2, ensure_ascii=False) if options.json else body, flush=True)
        console.progress(f"kept as {path}")
        if options.write:
            report.publish(self.root / "docs/benchmarks.md", name, body)


def usage(text):
    console.failure(text)
    sys.exit(2)


def run(main):
    try:
        return main()
    except MeasurementError as error:
        console.failure(str(error))
        return 1
    except subprocess.CalledProcessError as error:
        console.failure(f"{error.cmd[0]} ended with {error.returncode}")
        return 1
    except KeyboardInterrupt:
        console.failure("interrupted")
        return 130
