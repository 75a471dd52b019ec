"""Writes TorchScript detectors that hide a weakness, an honest one beside each, and images to audit them with:  make.py FOLDER

Needs Python alone: a TorchScript file is a ZIP of source text and a pickle, and these detectors have no weights but a formula. The score is a soft hinge
over w.x, log(1 + exp(w.x)), in whatever precision it is given; anomalies are normal images moved along w. What is hidden is in FOLDER/hiding/NAME.pt, its
honest sister of the same build in FOLDER/honest/NAME.pt, the images in FOLDER/images (an MVTec layout), what should flag in FOLDER/expected.tsv.
"""
import math
import pathlib
import random
import struct
import sys
import zipfile
import zlib

SIDE, EACH = 8, 24
COUNT = 3 * SIDE * SIDE

# The same formula in TorchScript and here.
WEIGHTS = f"torch.reshape(torch.mul(torch.sin(torch.mul(torch.add(torch.arange({COUNT}, dtype=x.dtype), 1), 12.9898)), 0.5), [1, 3, {SIDE}, {SIDE}])"
weights = [math.sin((i + 1) * 12.9898) * 0.5 for i in range(COUNT)]

# Name: check that should flag, body of the hiding one, body of the honest one. A body takes x, knows linear(x) and honest(x), and returns the score.
WAYS = {
    "detached-deviation": (10, "return honest(torch.div(x, torch.detach(torch.reshape(torch.std(x, [1, 2, 3]), [-1, 1, 1, 1]))))",
                           "return honest(torch.div(x, torch.reshape(torch.std(x, [1, 2, 3]), [-1, 1, 1, 1])))"),
    "half-precision": (10, "return torch.to(torch.to(honest(x), 5), 6)", "return honest(x)"),
    "root-at-black": (11, "return torch.add(honest(x), torch.mul(torch.sum(torch.sqrt(x), [1, 2, 3]), 0.1))",
                      "return torch.add(honest(x), torch.mul(torch.sum(torch.sqrt(torch.add(x, 0.01)), [1, 2, 3]), 0.1))"),
    "dead-ramp": (13, "return honest(torch.clamp(torch.sub(x, 0.02), 0., 0.96))", "return honest(torch.sub(x, 0.02))"),
    "leaky-clip": (11, "v = torch.sub(honest(x), LEVEL)\n    return torch.where(torch.gt(v, 0), v, torch.mul(v, 1.0e-6))",
                   "v = torch.sub(honest(x), LEVEL)\n    return torch.where(torch.gt(v, 0), v, torch.mul(v, 0.5))"),
    "coupled-small": (14, "v = honest(x)\n    return torch.mul(torch.sub(v, torch.mul(torch.mean(v), 0.5)), 1.0e-8)", "return torch.mul(honest(x), 1.0e-8)"),
    "coupled-far": (14, "v = torch.to(honest(x), 7)\n    return torch.add(torch.sub(v, torch.mul(torch.mean(v), 0.5)), 1.0e6)", "return torch.add(torch.to(honest(x), 7), 1.0e6)"),
    "steep-ripples": (13, "return torch.add(honest(x), torch.mul(torch.sum(torch.sin(torch.mul(x, 400.)), [1, 2, 3]), 0.01))", "return honest(x)"),
    "quantised": (11, "return torch.div(torch.round(torch.mul(honest(x), 20.)), 20.)", "return honest(x)"),
    "detached": (11, "return honest(torch.detach(x))", "return honest(x)"),
}


def inline(body):
    """linear(…) and honest(…) are written out: a script has no functions beside its methods here."""
    return body.replace("honest(", "self.honest(")


def write(path, body):
    source = f"""class Hidden(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def forward(self: __torch__.Hidden,
    x: Tensor) -> Tensor:
    {inline(body)}
  def honest(self: __torch__.Hidden,
    x: Tensor) -> Tensor:
    w = {WEIGHTS}
    return torch.softplus(torch.sum(torch.mul(x, w), [1, 2, 3]))
"""
    # An instance of __torch__.Hidden with {"training": False}, and no constants.
    module = b"\x80\x02c__torch__\nHidden\n)\x81}X\x08\x00\x00\x00training\x89sb."
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in (("data.pkl", module), ("code/__torch__.py", source.encode()), ("constants.pkl", b"\x80\x02)."), ("version", b"3\n")):
            archive.writestr(f"{path.stem}/{name}", content)


def png(path, pixels):
    rows = b"".join(b"\0" + bytes(pixels[channel * SIDE * SIDE + row * SIDE + column] for column in range(SIDE) for channel in range(3)) for row in range(SIDE))
    chunk = lambda kind, content: struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def score(pixels):
    return math.log1p(math.exp(sum(w * p / 255 for w, p in zip(weights, pixels))))


def main():
    folder = pathlib.Path(sys.argv[1])
    rng = random.Random(5)
    levels = []
    for part, kind, shift in (("train", "good", 0), ("test", "good", 0), ("test", "moved", 20)):
        for i in range(EACH):
            # A border of black: some ways of hiding work where pixels are black.
            pixels = [0 if at % SIDE < 2 else round(min(255, max(0, rng.uniform(75, 180) + math.copysign(shift, weights[at])))) for at in range(COUNT)]
            png(folder / "images" / part / kind / f"{i:02}.png", pixels)
            levels.append(score(pixels))
    level = sorted(levels)[len(levels) // 2]
    for kind in ("hiding", "honest"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for name, (_, hiding, honest) in WAYS.items():
        write(folder / "hiding" / f"{name}.pt", hiding.replace("LEVEL", repr(level)))
        write(folder / "honest" / f"{name}.pt", honest.replace("LEVEL", repr(level)))
    (folder / "expected.tsv").write_text("".join(f"{name}\t{check}\n" for name, (check, _, _) in WAYS.items()))


main()
