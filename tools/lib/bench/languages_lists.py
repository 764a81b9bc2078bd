"""apt's lists with the descriptions of packages in every language that the release has, in a folder of their own."""

import re
import shutil

import package_descriptions

from . import console, real_text
from .daemon import MeasurementError

# A Release file names every list: digest, bytes, path.
OFFERED = re.compile(r"/i18n/Translation-([A-Za-z_@]+)$", re.MULTILINE)


class TranslatedLists(real_text.Apt):
    def prepare(self):
        """Fetches the lists, once: the English ones first, since with them come the files that name the other languages."""
        if not shutil.which("apt-get"):
            raise MeasurementError("no apt-get here: the translated set is made of a Debian release's lists (make-translated-set --lists takes a folder of them)")
        super().prepare()
        stamp = self.folder / "translated"
        if stamp.exists():
            return
        languages = sorted(set().union(*(offered(path.read_text(encoding="utf-8")) for path in self.lists.glob("*Release"))) - {"en"})
        console.progress(f"the same with {len(languages)} other languages (20 MB)")
        with open(self.folder / "apt.conf", "a", encoding="utf-8") as configuration:
            configuration.write("Acquire::Languages { %s };\n" % " ".join(f'"{language}";' for language in languages))
        self._get("update")
        stamp.touch()


def offered(release):
    """The languages that a Release file names."""
    return set(OFFERED.findall(release))


def in_file_name(language):
    """`pt_BR` as apt writes it into a list's name, where an underscore stands for a slash."""
    return language.replace("_", "%5f")


def languages_of(lists):
    """The languages, other than English, that a folder of lists has."""
    names = (path.name.rpartition("_Translation-")[2].replace("%5f", "_") for path in lists.glob("*_Translation-*"))
    return sorted(set(names) - {"en"})


def translations(lists, language):
    """(name, MD5 of the English description) -> Description field in that language."""
    field, found = f"Description-{language}", {}
    for path in sorted(lists.glob(f"*_Translation-{in_file_name(language)}")):
        for fields in package_descriptions.read(path):
            if field in fields and "Package" in fields:
                found[fields["Package"], fields.get("Description-md5")] = fields[field]
    return found
