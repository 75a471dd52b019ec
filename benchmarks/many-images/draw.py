#!/usr/bin/env python3
"""Draws many small pictures of a surface, some with a dark spot, as an MVTec layout:  draw.py FOLDER [IMAGES] [SIDE]

Four fifths go to train/good, a tenth each to test/good and test/spot. No two are the same, up to 393,216. Needs nothing but Python; 200,000 take a minute or two.
"""
import math
import os
import random
import struct
import sys
import zlib


STARTS, SLOPES = 4096, 96


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def surface(rng, length):
    """Grey values of a wavy, slightly noisy surface, three bytes a pixel."""
    values = bytearray()
    for x in range(length):
        grey = int(128 + 40 * math.sin(x / 9) + 25 * math.sin(x / 31) + rng.gauss(0, 6))
        values += bytes([max(0, min(255, grey))]) * 3
    return bytes(values)


def picture(rng, number, table, side, spot):
    row = 3 * side
    # A prime that divides neither factor goes through all pairs before it comes to one again: no picture is drawn twice.
    start, slope = (pair := number * 104_729 % (STARTS * SLOPES)) % STARTS, 1 + pair // STARTS
    rows = [bytearray(table[3 * (start + slope * y):3 * (start + slope * y) + row]) for y in range(side)]
    if spot:
        radius = rng.randrange(side // 16, side // 6)
        top, left = rng.randrange(radius, side - radius), rng.randrange(radius, side - radius)
        for y in range(-radius, radius + 1):
            half = int(math.sqrt(radius * radius - y * y))
            rows[top + y][3 * (left - half):3 * (left + half + 1)] = bytes([20]) * (3 * (2 * half + 1))
    return b"".join(b"\0" + bytes(line) for line in rows)


def main():
    folder = sys.argv[1]
    images = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    side = int(sys.argv[3]) if len(sys.argv) > 3 else 64
    rng = random.Random(0)
    table = surface(rng, STARTS + SLOPES * side + side)
    header = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    end = chunk(b"IEND", b"")
    number = 0
    for part, count in (("train/good", images - 2 * (images // 10)), ("test/good", images // 10), ("test/spot", images // 10)):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
        for i in range(count):
            with open(os.path.join(folder, part, f"{i:07}.png"), "wb") as file:
                file.write(header + chunk(b"IDAT", zlib.compress(picture(rng, number, table, side, part.endswith("spot")), 1)) + end)
            number += 1


if __name__ == "__main__":
    main()
