"""Writes the test files beside it: a small vision transformer as PyTorch saves it, under torchvision's names and under timm's, and what it computes.

Run with a Python that has PyTorch, e.g. Debian's python3-torch: /usr/bin/python3 make_transformer.py
The module is written in plain torch.nn from Dosovitskiy et al. (2021); its attention is PyTorch's own nn.MultiheadAttention.
"""
import json
import re
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).parent
PATCH, SIDE, WIDTH, DEPTH, HEADS, HIDDEN, CLASSES = 4, 16, 12, 3, 3, 20, 5


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1 = nn.LayerNorm(WIDTH, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.ln_2 = nn.LayerNorm(WIDTH, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.GELU(), nn.Dropout(0), nn.Linear(HIDDEN, WIDTH), nn.Dropout(0))

    def forward(self, tokens):
        y = self.ln_1(tokens)
        tokens = tokens + self.self_attention(y, y, y, need_weights=False)[0]
        return tokens + self.mlp(self.ln_2(tokens))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.randn(1, 1 + (SIDE // PATCH) ** 2, WIDTH) * 0.3)
        self.layers = nn.Sequential(OrderedDict((f"encoder_layer_{i}", Block()) for i in range(DEPTH)))
        self.ln = nn.LayerNorm(WIDTH, eps=1e-6)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.class_token = nn.Parameter(torch.randn(1, 1, WIDTH))
        self.conv_proj = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.encoder = Encoder()
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(WIDTH, CLASSES)))

    def features(self, x):
        grid = self.conv_proj(x)
        positions = self.encoder.pos_embedding
        if grid.shape[2:] != (SIDE // PATCH, SIDE // PATCH):
            square = positions[:, 1:].transpose(1, 2).reshape(1, WIDTH, SIDE // PATCH, SIDE // PATCH)
            square = nn.functional.interpolate(square, grid.shape[2:], mode="bicubic", align_corners=True)
            positions = torch.cat([positions[:, :1], square.flatten(2).transpose(1, 2)], 1)
        tokens = torch.cat([self.class_token.expand(x.shape[0], -1, -1), grid.flatten(2).transpose(1, 2)], 1)
        return self.encoder.ln(self.encoder.layers(tokens + positions))[:, 0]


def timm_name(name):
    name = re.sub(r"^encoder\.layers\.encoder_layer_(\d+)\.", r"blocks.\1.", name)
    for ours, theirs in (
        ("self_attention.in_proj_", "attn.qkv."), ("self_attention.out_proj.", "attn.proj."), ("ln_1.", "norm1."), ("ln_2.", "norm2."), ("mlp.0.", "mlp.fc1."),
        ("mlp.3.", "mlp.fc2."), ("encoder.pos_embedding", "pos_embed"), ("encoder.ln.", "norm."), ("class_token", "cls_token"), ("conv_proj.", "patch_embed.proj."),
        ("heads.head.", "head."),
    ):
        name = name.replace(ours, theirs)
    return name


def images(height, width):
    """What the test makes again: sin(0.37 i) as grey values."""
    count = 2 * 3 * height * width
    return (torch.sin(torch.arange(count, dtype=torch.float64) * 0.37) * 0.5 + 0.5).view(2, 3, height, width).float()


torch.manual_seed(7)
net = Net().eval()
with torch.no_grad():
    # Away from the initial ones and zeros, so that no tensor can be forgotten unnoticed.
    for parameter in net.parameters():
        parameter.add_(torch.randn_like(parameter) * 0.2)
    result = {f"{h}x{w}": net.features(images(h, w) * 2 - 1).double().tolist() for h, w in ((16, 16), (24, 20), (8, 8))}

torch.save(net.state_dict(), HERE / "transformer-torchvision.pt")
torch.save(OrderedDict((timm_name(name), value) for name, value in net.state_dict().items()), HERE / "transformer-timm.pt")
(HERE / "transformer.json").write_text(json.dumps(result))
