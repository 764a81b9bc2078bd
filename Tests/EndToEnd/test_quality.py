"""Goal: the whole path ranks as well as it did when the bounds were set, on collections with judgements.

Method: import, wait for both legs, `tandem eval`; nDCG@10 against the bounds. Needs the collections (TANDEM_TEST_DATA) and, but
for keywords, the default models.
"""

import pathlib
import tempfile
import unittest

from daemon import DATA, HAS_MODELS, MODELS, NEEDS_MODELS, Daemon, needs_collection


class SciFact(unittest.TestCase):
    """300 claims against 5,183 abstracts. BM25 by others: .665 to .680; the classic hybrid recipe: .732 at alpha ½."""

    def evaluate(self, models, modes):
        folder = DATA / "scifact"
        if not folder.is_dir():
            self.skipTest(needs_collection("scifact"))
        with tempfile.TemporaryDirectory(prefix="tandem-e2e-") as scratch:
            daemon = Daemon(pathlib.Path(scratch) / "data", models)
            try:
                create = ["collection", "create", "scifact"]
                daemon.tandem(*create, *([] if models else ["--model", "none"]))
                daemon.tandem("import", "scifact", folder / "corpus.jsonl", "--wait", "complete", "--timeout", 1000)
                return daemon.json(
                    "eval", "scifact", "--queries", folder / "queries.jsonl", "--qrels", folder / "qrels.tsv", "--modes", modes)
            finally:
                daemon.kill()

    def test_keywords_reach_067(self):
        result = self.evaluate(None, "lexical")["lexical"]
        self.assertEqual(result["queries"], 300)
        self.assertGreaterEqual(result["ndcg@10"], 0.67)

    @unittest.skipUnless(HAS_MODELS, NEEDS_MODELS)
    def test_meaning_reaches_064_and_both_together_072(self):
        result = self.evaluate(MODELS, "semantic,hybrid")
        self.assertGreaterEqual(result["semantic"]["ndcg@10"], 0.64)
        self.assertGreaterEqual(result["hybrid"]["ndcg@10"], 0.72)


if __name__ == "__main__":
    unittest.main()
