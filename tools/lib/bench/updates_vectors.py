"""What tools/bench-updates measures on: which rows of a .npy file are documents, which come later, and which are queries."""

import ast
import dataclasses
import pathlib

from . import console, dense_vectors, environment
from .daemon import MeasurementError

QUERIES = 1000


def shape(path):
    """(rows, dimension) by the header of a .npy file of float32, C order. The standard library is enough for that."""
    with open(path, "rb") as file:
        begin = file.read(12)
        if begin[:6] != b"\x93NUMPY":
            raise MeasurementError(f"{path}: is no .npy file")
        first = begin[6] == 1
        file.seek(10 if first else 12)
        text = file.read(int.from_bytes(begin[8:10] if first else begin[8:12], "little"))
    try:
        header = ast.literal_eval(text.decode("latin-1").strip())
        (rows, dimension), kind, fortran = header["shape"], header["descr"], header["fortran_order"]
    except (ValueError, SyntaxError, KeyError, TypeError) as error:
        raise MeasurementError(f"{path}: its header is not that of an array of two dimensions") from error
    if kind != "<f4" or fortran:
        raise MeasurementError(f"{path}: expected little-endian float32 in C order, found {kind}{' in Fortran order' if fortran else ''}")
    return rows, dimension


class Describer:
    """What `dense_vectors.default` asks of tools/bench-dense's judge, without NumPy."""

    def ask(self, request):
        rows, dimension = shape(request["vectors"])
        return {"rows": rows, "dimension": dimension}


@dataclasses.dataclass(frozen=True)
class Vectors:
    """The file's first rows are uploaded, the next ones inserted later, its last `QUERIES` are the queries."""

    file: pathlib.Path
    dimension: int
    rows: int
    inserts: int
    first_query: int

    @property
    def documents(self):
        return self.rows + self.inserts

    @property
    def label(self):
        return f"{self.file.name}, {self.dimension} dimensions"


def divide(file, found, rows, inserts):
    """The parts of a file with the shape `found`."""
    available, dimension = found
    if rows + inserts + QUERIES > available:
        raise MeasurementError(
            f"{file}: {console.count(available)} rows; {console.count(rows)} documents, {console.count(inserts)} inserts and {console.count(QUERIES)} "
            "queries are more; take fewer (--rows, --seconds, --insert-rate)")
    return Vectors(pathlib.Path(file).absolute(), dimension, rows, inserts, available - QUERIES)


def bring(place, options, inserts):
    """The file that was named, or the passages' vectors, which are made once."""
    if options.vectors:
        file = pathlib.Path(options.vectors)
        if not file.exists():
            environment.usage(f"--vectors: there is no {file}")
    else:
        file = dense_vectors.default(place, Describer(), options.rows + inserts + QUERIES)
    return divide(file, shape(file), options.rows, inserts)
