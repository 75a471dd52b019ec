"""Writes the test files beside it: a narrow ResNet-18 as PyTorch saves it, the same as safetensors, and what it computes.

Run with a Python that has PyTorch, e.g. Debian's python3-torch: /usr/bin/python3 make_state_dict.py
"""
import json
import struct
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).parent
WIDTH = 2


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        inputs = WIDTH
        for stage in range(4):
            outputs, stride = WIDTH << stage, 1 if stage == 0 else 2
            setattr(self, f"layer{stage + 1}", nn.Sequential(Block(inputs, outputs, stride), Block(outputs, outputs, 1)))
            inputs = outputs
        self.fc = nn.Linear(inputs, 5)

    def features(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        for stage in range(4):
            x = getattr(self, f"layer{stage + 1}")(x)
        return x.mean([2, 3])


def write_safetensors(path, state):
    names = {torch.float32: "F32", torch.int64: "I64"}
    header, data = OrderedDict(), b""
    for name, value in sorted(state.items(), key=lambda item: (-item[1].element_size(), item[0])):
        raw = value.contiguous().numpy().tobytes()
        header[name] = {"dtype": names[value.dtype], "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


torch.manual_seed(1)
net = Net().train()
for _ in range(3):
    net.features(torch.rand(8, 3, 16, 16) * 2 - 1)
net.eval()
x = (torch.arange(2 * 3 * 16 * 16, dtype=torch.float64).mul(0.37).sin() * 0.5 + 0.5).view(2, 3, 16, 16).float()
with torch.no_grad():
    features = net.features((x - 0.5) / 0.5)
state = net.state_dict()
torch.save(state, HERE / "resnet18-narrow.pt")
torch.save({"epoch": 3, "state_dict": {f"module.{name}": value for name, value in state.items()}, "best": 0.5, "history": [1, 2]}, HERE / "resnet18-checkpoint.pt")
write_safetensors(HERE / "resnet18-narrow.safetensors", state)
(HERE / "features.json").write_text(json.dumps({"width": WIDTH, "features": features.tolist()}) + "\n")


class Features(nn.Module):
    """What is exported: features, and the classifier on them."""

    def __init__(self):
        super().__init__()
        for name, child in net.named_children():
            setattr(self, name, child)

    def forward(self, x):
        features = Net.features(self, x)
        return features, self.fc(features)


# PyTorch's exporter folds normalisations into convolutions and renames both, or, asked not to, keeps the names of the state dict.
exported = Features().eval()
options = {"opset_version": 13, "input_names": ["images"], "output_names": ["features", "logits"]}
torch.onnx.export(exported, x, str(HERE / "resnet18-folded.onnx"), **options)
torch.onnx.export(exported, x, str(HERE / "resnet18-named.onnx"), training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, **options)
