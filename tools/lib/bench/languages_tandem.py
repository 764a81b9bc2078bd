"""Tandem's side of tools/bench-languages: collections without a model, and the nDCG@10 of every query by `tandem eval`."""

import contextlib

from . import report
from .daemon import MeasurementError
from .dense_reference import read_lines
from .languages_sets import CORPUS, QRELS, QUERIES, lines


def labelled(queries):
    """Queries whose own ids stand where their language may: `tandem eval` reports by language, and so reports each query. The search
    itself is told nothing of it, since --same-language is not asked for."""
    return [{**query, "lang": query["_id"]} for query in queries]


def by_query(result, expected):
    """Query -> nDCG@10, of what `tandem eval --json` printed."""
    lexical = result["lexical"]
    if lexical.get("degraded"):
        raise MeasurementError(f"{lexical['degraded']} searches were degraded, so that is no measurement")
    found = {query: values["ndcg@10"] for query, values in lexical["languages"].items()}
    if len(found) != expected:
        raise MeasurementError(f"tandem eval measured {len(found)} queries, expected {expected}")
    return found


class Tandem:
    def __init__(self, daemon, scratch):
        self.daemon, self.scratch = daemon, scratch

    @contextlib.contextmanager
    def collection(self, name, folder):
        """A collection of a folder's documents, in one segment, for as long as it is measured. Yields its state."""
        daemon = self.daemon
        daemon.tandem("collection", "create", name, "--model", "none")
        daemon.tandem("import", name, folder / CORPUS, "--no-resume", "--wait", "searchable")
        # Index bytes depend on the number of segments otherwise, that is, on the moment.
        daemon.tandem("collection", "merge", name)
        yield daemon.wait_applied(name)
        daemon.tandem("collection", "drop", name, "--yes")

    def measure(self, name, folder, queries):
        """Query -> nDCG@10. `queries`: as in queries.jsonl, some or all of them."""
        asked = self.scratch / QUERIES
        report.replace_file(asked, lines(labelled(queries)))
        result = self.daemon.tandem_json("eval", name, "--queries", asked, "--qrels", folder / QRELS, "--modes", "lexical")
        return by_query(result, len(queries))

    def part(self, judged, part, queries=None):
        """(state of the collection, query -> nDCG@10) of a language, or of all of them."""
        folder, name = judged.part(part), f"{judged.name}-{part}"
        with self.collection(name, folder) as state:
            return state, self.measure(name, folder, queries or read_lines(folder / QUERIES))
