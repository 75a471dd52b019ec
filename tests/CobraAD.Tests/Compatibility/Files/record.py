"""Prints expected.json from what make.sh left in this folder. It reads the files on its own, by no code of CobraAD:  record.py COMMIT"""
import hashlib
import json
import pathlib
import struct
import sys
import zipfile


def signature() -> str:
    """What decides which kernels libtorch runs, and with them how sums are rounded."""
    said = {}
    for line in open("/proc/cpuinfo", encoding="ascii"):
        key, _, value = line.partition(":")
        said.setdefault(key.strip(), value.strip())
    flags = said["flags"].split()
    level = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "SSE"
    return f"{said['vendor_id']}, family {said['cpu family']}, model {said['model']}, {said['model name']}, {level}"


def safetensors(content: bytes) -> str:
    """SHA-256 over the tensors in the order of their names: name, type, shape, bytes."""
    (length,) = struct.unpack_from("<Q", content)
    tensors = json.loads(content[8:8 + length])
    tensors.pop("__metadata__", None)
    digest = hashlib.sha256()
    for name in sorted(tensors):
        first, last = tensors[name]["data_offsets"]
        digest.update(f"{name} {tensors[name]['dtype']} [{', '.join(map(str, tensors[name]['shape']))}]\n".encode())
        digest.update(content[8 + length + first:8 + length + last])
    return digest.hexdigest()


def groups(archive: str) -> dict[str, str]:
    with zipfile.ZipFile(archive) as file:
        return {name.removesuffix(".safetensors"): safetensors(file.read(name)) for name in sorted(file.namelist()) if name.endswith(".safetensors")}


def scores(model: str) -> dict:
    said = json.load(open(f"{model}.scores", encoding="utf-8"))
    return {
        "threshold": said["threshold"],
        "groups": groups(model),
        "images": {image["path"]: [image["rawScore"], image["score"]] for image in said["images"]},
    }


print(json.dumps({
    "commit": sys.argv[1],
    "processor": signature(),
    "models": {model: scores(model) for model in sorted(path.name for path in pathlib.Path().glob("*.cobra")) if model != "unfinished.cobra"},
    "onnx": {image: [float(score), float(calibrated)] for image, score, calibrated in map(str.split, open("cobra-paper.onnx.scores"))},
    "backbone": safetensors(pathlib.Path("backbone.safetensors").read_bytes()),
    "checkpoint": groups("unfinished.checkpoint"),
    "resumed": scores("unfinished.cobra"),
    "evaluation": json.load(open("evaluation.json", encoding="utf-8")),
    "sharedModels": open("models.txt", encoding="utf-8").read().split(),
}, indent=2))
