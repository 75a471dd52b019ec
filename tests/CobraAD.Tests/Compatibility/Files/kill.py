"""Starts a command and kills it, as a power cut would, when the file that keeps its progress has come far enough:  kill.py KIND FILE COMMAND..."""
import pathlib
import struct
import subprocess
import sys
import time


def text(content: bytes, start: int) -> tuple[bytes, int]:
    """A string of .NET's BinaryWriter, whose length comes first, seven bits a byte."""
    length = shift = 0
    while True:
        byte = content[start]
        start += 1
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return content[start:start + length], start + length


def is_far_enough(kind: str, file: pathlib.Path) -> bool:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return False
    if kind == "checkpoint":
        return True
    _, start = text(content, 0)
    _, start = text(content, start)
    return struct.unpack_from("<i", content, start) == (1,)


kind, name, *command = sys.argv[1:]
file = pathlib.Path(name)
process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
while not is_far_enough(kind, file):
    if process.poll() is not None:
        sys.exit(f"{command[0]} ended with {process.returncode} before it was caught.")
    time.sleep(0.005)
if kind == "state":
    # The first attack is done; let the second one get under way.
    time.sleep(0.3)
process.kill()
if process.wait() != -9:
    sys.exit(f"{command[0]} ended before it was killed.")
