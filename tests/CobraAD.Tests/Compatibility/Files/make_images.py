"""The images of the test: 16 x 16 discs, blue ones good, red ones with a scratch. Standard library only; the same bytes on any machine."""
import pathlib
import random
import struct
import sys
import zlib

SIDE = 16


def png(rows: list[bytes]) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    # Level 0: the compressed bytes differ between versions of zlib, stored ones do not.
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def part(number: int, is_rusty: bool) -> bytes:
    draw = random.Random(1000 * is_rusty + number)
    radius, x0, y0 = 4 + number % 3, draw.randrange(6, 10), draw.randrange(6, 10)
    colour = (180, 70, 40) if is_rusty else (70, 110, 170)
    scratch = draw.randrange(SIDE)
    rows = []
    for y in range(SIDE):
        row = bytearray()
        for x in range(SIDE):
            inside = (x - x0) ** 2 + (y - y0) ** 2 <= radius ** 2
            pixel = colour if inside else (235, 235, 235)
            if is_rusty and (x + y) % SIDE == scratch:
                pixel = (20, 20, 20)
            row += bytes(max(0, min(255, value + draw.randrange(-12, 13))) for value in pixel)
        rows.append(bytes(row))
    return png(rows)


target = pathlib.Path(sys.argv[1])
for folder, count, first, is_rusty in [("train/good", 24, 0, False), ("test/good", 6, 100, False), ("test/rust", 6, 100, True)]:
    (target / folder).mkdir(parents=True, exist_ok=True)
    for i in range(count):
        (target / folder / f"{i:02}.png").write_bytes(part(first + i, is_rusty))
