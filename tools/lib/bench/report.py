"""Where results go: a JSON file of the run, and marked blocks of Markdown pages."""

import json
import os
import pathlib
import tempfile

from . import console


def replace_file(path, text):
    """Atomically, so that an interrupted run leaves the old file."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(name, mode)
    os.replace(name, path)


def save_json(path, value):
    replace_file(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_block(path, name, body):
    """Replaces what stands between `<!-- name -->` and `<!-- /name -->`; where only the first is there, puts the block and the
    second behind it. False where the page has neither."""
    path = pathlib.Path(path)
    if not path.exists():
        return False
    text = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(begin) == 2 and end not in text:
        end = begin  # The same marker on both sides.
    start = text.find(begin)
    if start < 0:
        return False
    start += len(begin)
    stop = text.find(end, start)
    rest = text[stop:] if stop >= 0 else end + text[start:]
    replace_file(path, text[:start] + "\n" + body.strip() + "\n" + rest)
    return True


def publish(path, name, body):
    """`write_block` with a word about it."""
    if write_block(path, name, body):
        console.ok(f"{path}: block '{name}' is written")
    else:
        console.warn(f"{path}: no line <!-- {name} -->, so it is left alone")


def read_json(path):
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
