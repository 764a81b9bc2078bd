"""What documents the reader makes of apt's lists: on lists written here, by the rules of Debian policy 5.6.13."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import package_descriptions as reader  # noqa: E402

PACKAGES = """\
Package: server
Source: server-src
Version: 1.0-1
Installed-Size: 4557
Section: contrib/net
Priority: optional
Tag: role::program, works-with::{file, text},
 protocol::ssh
Description: serves things
Description-md5: aa

Package: client
Version: 2:2
Section: net
Depends: server (>= 1.0) | other, libthing1
Description: asks for things
 Long text that no translation replaces.
Description-md5: bb

Package: third
Section: utils
Recommends: server
Description: also names the server

Package: server-tools
Source: server-src
Section: net
Depends: client, server
Description: of the same source as the server

Package: libthing1
Section: libs
Description: shared library

Package: old-server
Section: net
Description: transitional dummy package
"""

TRANSLATION = """\
Package: server
Description-md5: aa
Description-en: serves things
 First paragraph,
 in two lines.
 .
 Features:
  * one
  * two
 .
 Ünicode, last.

Package: client
Description-md5: of another version
Description-en: asks for things
 Not this one.
"""


class LongText(unittest.TestCase):
    def test_lines_of_a_paragraph_are_joined_and_a_dot_parts_paragraphs(self):
        self.assertEqual(reader.long_text("summary\n one\n two\n .\n three"), "one two\n\nthree")

    def test_verbatim_lines_and_list_items_keep_their_breaks(self):
        self.assertEqual(reader.long_text("s\n Features:\n  * one\n  * two"), "Features:\n* one\n* two")
        self.assertEqual(reader.long_text("s\n - one\n - two"), "- one\n- two")

    def test_a_summary_alone_has_no_text(self):
        self.assertEqual(reader.long_text("summary"), "")
        self.assertEqual(reader.long_text(""), "")

    def test_several_dots_make_one_border(self):
        self.assertEqual(reader.long_text("s\n .\n a\n .\n .\n b\n ."), "a\n\nb")


class Stanzas(unittest.TestCase):
    def test_the_last_stanza_needs_no_empty_line_after_it(self):
        self.assertEqual(list(reader.stanzas(["A: 1\n", "\n", "\n", "A: 2"])), [{"A": "1"}, {"A": "2"}])

    def test_what_is_no_field_is_refused_with_its_line(self):
        with self.assertRaisesRegex(reader.ListError, "line 2: expected 'Field: value', found 'nonsense'"):
            list(reader.stanzas(["A: 1", "nonsense"]))
        with self.assertRaisesRegex(reader.ListError, "line 1: a continuation"):
            list(reader.stanzas([" floating"]))


class Tags(unittest.TestCase):
    def test_groups_are_written_out(self):
        fields = {"Tag": "role::program, works-with::{file, text},\n protocol::ssh"}
        self.assertEqual(reader.tags(fields), ["protocol::ssh", "role::program", "works-with::file", "works-with::text"])
        self.assertEqual(reader.tags({}), [])


class Documents(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.lists = pathlib.Path(self.folder.name)
        (self.lists / "mirror_main_binary-amd64_Packages").write_text(PACKAGES, encoding="utf-8")
        (self.lists / "mirror_main_i18n_Translation-en").write_text(TRANSLATION, encoding="utf-8")

    def run_reader(self, *arguments):
        output, errors = io.StringIO(), io.StringIO()
        target = self.lists / "out.jsonl"
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = reader.main([str(self.lists), "--output", str(target), *arguments])
        documents = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()] if target.exists() else []
        return status, documents, errors.getvalue()

    def test_a_document_carries_the_long_description_and_typed_attributes(self):
        _, documents, _ = self.run_reader("--all")
        server = next(document for document in documents if document["_id"] == "server")
        self.assertEqual(
            server,
            {
                "_id": "server",
                "title": "server - serves things",
                "text": "First paragraph, in two lines.\n\nFeatures:\n* one\n* two\n\nÜnicode, last.",
                "section": "net",
                "priority": "optional",
                "version": "1.0-1",
                "tags": ["protocol::ssh", "role::program", "works-with::file", "works-with::text"],
                "installed_size": 4557,
            },
        )

    def test_a_translation_of_another_version_is_not_taken(self):
        _, documents, _ = self.run_reader("--all")
        client = next(document for document in documents if document["_id"] == "client")
        self.assertEqual(client["text"], "Long text that no translation replaces.")

    def test_all_takes_every_package_in_order_of_names(self):
        status, documents, _ = self.run_reader("--all")
        self.assertEqual(status, 0)
        names = [document["_id"] for document in documents]
        self.assertEqual(names, ["client", "libthing1", "old-server", "server", "server-tools", "third"])

    def test_a_choice_has_programs_only_those_first_that_others_name(self):
        _, documents, _ = self.run_reader("--packages", "1")
        self.assertEqual([document["_id"] for document in documents], ["server"])
        _, documents, _ = self.run_reader("--packages", "2")
        self.assertEqual([document["_id"] for document in documents], ["client", "server"])
        _, documents, _ = self.run_reader("--packages", "100")
        self.assertEqual([document["_id"] for document in documents], ["client", "server", "server-tools", "third"])

    def test_packages_of_one_source_do_not_count_for_each_other(self):
        found = reader.packages(self.lists)
        self.assertEqual(reader.mentions(found), {"server": 2, "libthing1": 1, "client": 1})

    def test_without_translations_it_says_so_and_goes_on(self):
        (self.lists / "mirror_main_i18n_Translation-en").unlink()
        status, documents, errors = self.run_reader("--all")
        self.assertEqual((status, len(documents)), (0, 6))
        self.assertIn("summaries only", errors)

    def test_a_folder_without_lists_or_with_a_damaged_one_fails_and_names_it(self):
        (self.lists / "mirror_main_binary-amd64_Packages").write_text("\x00\x01", encoding="utf-8")
        status, _, errors = self.run_reader()
        self.assertEqual(status, 1)
        self.assertIn("mirror_main_binary-amd64_Packages: line 1", errors)
        (self.lists / "mirror_main_binary-amd64_Packages").unlink()
        status, _, errors = self.run_reader()
        self.assertEqual(status, 1)
        self.assertIn("apt-get update has not run", errors)


if __name__ == "__main__":
    unittest.main()
