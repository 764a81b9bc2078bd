"""CRC-32C (Castagnoli), which frames and golden files carry and Python's standard library lacks."""


def _table():
    rows = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        rows.append(byte)
    return rows


_TABLE = _table()


def crc32c(*parts):
    """Of the parts one after another."""
    value = 0xFFFFFFFF
    for part in parts:
        for byte in part:
            value = _TABLE[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF
