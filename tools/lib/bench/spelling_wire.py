"""A client for one search after the other, so that ten thousands do not each start a process. The bytes: docs/formats/wire-protocol.md.

Only what tools/bench-spelling asks for. One call at a time, of some hundred bytes: the server's credits never run out.
"""

import dataclasses
import socket
import struct

from crc32c import crc32c

from .daemon import MeasurementError

HELLO, WELCOME, REQUEST, DATA, END, WINDOW, PING, PONG, GOAWAY = 1, 2, 3, 4, 5, 7, 8, 9, 10
END_BOTH = 3
METHOD_SEARCH, MODE_LEXICAL = 48, 1
OFF, SUGGEST, RETRY = 0, 1, 2
SYNTAX_STRICT = 1
# Credits of the connection are given back in pieces of this size.
GIVEN_BACK = 1 << 20


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """A field of a message: an integer, or a text or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(message):
    """(number, value) of a message's fields: integers, bytes; fixed-width ones as bytes."""
    at, end = 0, len(message)

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    while at < end:
        tag = number()
        kind = tag & 7
        if kind == 0:
            yield tag >> 3, number()
            continue
        if kind not in (1, 2, 5):
            raise MeasurementError(f"an answer has a field of wire type {kind}")
        size = number() if kind == 2 else 8 if kind == 1 else 4
        yield tag >> 3, message[at:at + size]
        at += size


@dataclasses.dataclass
class Answer:
    ids: list = dataclasses.field(default_factory=list)
    matched: int = 0
    us: int = 0
    stages: dict = dataclasses.field(default_factory=dict)
    degraded: bool = False
    # None: nothing is suggested.
    suggestion: str | None = None
    is_applied: bool = False


def request(collection, text, spelling=None, limit=10, strict=False, counts=False):
    made = field(1, collection) + field(2, text) + field(4, MODE_LEXICAL) + field(8, limit) + field(20, b"")
    made += field(21, 1) if counts else b""
    made += field(22, SYNTAX_STRICT) if strict else b""
    return made + (b"" if spelling is None else field(34, field(1, spelling)))


def answer(message):
    found = Answer()
    for number, value in fields(message):
        if number == 1:
            found.ids.append(next((v.decode() for n, v in fields(value) if n == 1), ""))
        elif number == 8:
            found.matched = value
        elif number == 10:
            stage = dict(fields(value))
            found.stages[stage.get(1, b"").decode()] = stage.get(2, 0)
        elif number == 12:
            found.degraded = True
        elif number == 17:
            found.us = value
        elif number == 20:
            report = dict(fields(value))
            found.suggestion, found.is_applied = report.get(1, b"").decode(), bool(report.get(2, 0))
    return found


class Client:
    """Use as a context; not to be kept idle for a minute, since the server then asks whether somebody is there."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")
        self.stream, self.received = -1, 0
        self._send(HELLO, 0, field(4, "bench-spelling"))
        if self._receive()[0] != WELCOME:
            raise MeasurementError(f"{address}: no WELCOME; is that tandemd?")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.input.close()
        self.socket.close()

    def _send(self, kind, stream, payload, flags=0):
        head = struct.pack(">BBBBII", 0x54, 1, kind, flags, stream, len(payload))
        self.socket.sendall(head + struct.pack(">I", crc32c(head, payload)) + payload)

    def _receive(self):
        """(type, stream, payload) of the next frame that is for the caller."""
        while True:
            head = self.input.read(16)
            if len(head) < 16:
                raise MeasurementError("tandemd closed the connection")
            magic, _, kind, _, stream, size, checksum = struct.unpack(">BBBBIII", head)
            payload = self.input.read(size)
            if magic != 0x54 or len(payload) < size or crc32c(head[:12], payload) != checksum:
                raise MeasurementError("a damaged frame came from tandemd")
            if kind == PING:
                self._send(PONG, 0, payload)
            elif kind == GOAWAY:
                raise MeasurementError(f"tandemd ends the connection: {payload!r}")
            elif kind != WINDOW and kind < 128:
                return kind, stream, payload

    def search(self, *arguments, **options):
        """See ``request``."""
        self.stream += 2
        header = field(1, METHOD_SEARCH)
        self._send(REQUEST, self.stream, struct.pack(">H", len(header)) + header + request(*arguments, **options), END_BOTH)
        message = b""
        while True:
            kind, _, payload = self._receive()
            if kind == END:
                break
            message += payload
            self.received += len(payload)
        if self.received >= GIVEN_BACK:
            self._send(WINDOW, 0, struct.pack(">I", self.received))
            self.received = 0
        status = dict(fields(payload))
        if status.get(1, 0):
            raise MeasurementError(f"a search ended with code {status[1]}: {status.get(2, b'').decode()}")
        found = answer(message)
        if found.degraded:
            raise MeasurementError("a search was degraded, so that is no measurement")
        return found
