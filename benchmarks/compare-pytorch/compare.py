#!/usr/bin/env python3
"""The same work in PyTorch and in CobraAD, taken in turns at one thread, by processor time.

    python3 benchmarks/compare-pytorch/compare.py --rounds 5

Needs a PyTorch for Python (Debian: python3-torch and libopenblas0-pthread) and the benchmark project built for Release. What PyTorch
runs here is what a careful user would write: keys encoded once, gradients of the images alone in the attack, batch normalisation as
it is. Υ's crafting is left out on this side; it is a thousandth of CobraAD's step.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

TEMPERATURE, OPPOSITE_WEIGHT, EPSILON, STEPS = 0.5, 1.0, 4 / 255, 10


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True))) + self.shortcut(x), inplace=True)


class Network(nn.Module):
    """ResNet-18 with the 3x3 stem, projection head and linear classifier."""

    def __init__(self):
        super().__init__()
        layers, inputs = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)], 64
        for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
            layers += [Block(inputs, outputs, stride), Block(outputs, outputs, 1)]
            inputs = outputs
        self.encoder = nn.Sequential(*layers)
        self.projection = nn.Sequential(nn.Linear(512, 512), nn.ReLU(inplace=True), nn.Linear(512, 128))
        self.classifier = nn.Linear(512, 2)

    def forward(self, x):
        features = self.encoder((x - 0.5) / 0.5).mean((2, 3))
        return self.projection(features), self.classifier(features)


def unit(z):
    return z / (z.norm(dim=1, keepdim=True) + 1e-8)


def light(x):
    """Flip and contrast; the other light transforms cost as little."""
    mean = x.mean((2, 3), keepdim=True)
    x = ((x - mean) * torch.empty(len(x), 1, 1, 1).uniform_(0.6, 1.4) + mean).clamp_(0, 1)
    return torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)


def contrast(similarities, log_normalizer, positives, opposites, has_opposite):
    surprise = (log_normalizer - similarities.gather(1, positives)).sum(1)
    return surprise + OPPOSITE_WEIGHT * (similarities.gather(1, opposites) - log_normalizer).mean(1) * has_opposite


class Lars:
    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.momentum = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self, rate, decay=1e-6, trust=1e-3):
        for p, v in zip(self.parameters, self.momentum):
            length, slope = p.norm(), p.grad.norm()
            factor = torch.where((length > 0) & (slope > 0), trust * length / (slope + decay * length + 1e-8), torch.ones(()))
            p.add_(v.mul_(0.9).add_(p.grad.add(p, alpha=decay).mul_(factor)), alpha=-rate)


class PyTorchSide:
    def __init__(self, normals):
        torch.manual_seed(0)
        self.network = Network()
        self.optimizer = Lars(self.network.parameters())
        n = self.samples = 2 * normals
        self.images = torch.rand(n, 3, 32, 32)
        self.scored = torch.rand(64, 3, 32, 32)
        self.bank = unit(torch.randn(1000, 128))
        self.labels = torch.arange(n) // normals
        sample = torch.arange(n)
        opposite = (sample + normals) % n
        self.inner_positives = torch.stack([sample, n + sample], 1)
        self.inner_opposites = torch.stack([opposite, n + opposite], 1)
        row = torch.arange(3 * n)
        self.positives = torch.stack([(row + n) % (3 * n), (row + 2 * n) % (3 * n)], 1)
        self.opposites = (row - row % n + (row % n + normals) % n).unsqueeze(1)
        self.has_opposite = (row < 2 * n).float()
        self.self_mask = torch.eye(3 * n, dtype=torch.bool)

    def climb(self, start, objective, steps=STEPS):
        low, high = (start - EPSILON).clamp(0, 1), (start + EPSILON).clamp(0, 1)
        x = start.clone()
        for _ in range(steps):
            leaf = x.detach().requires_grad_()
            gradient, = torch.autograd.grad(objective(leaf).sum(), leaf)
            x = torch.minimum(torch.maximum(x + 2.5 * EPSILON / steps * gradient.sign_(), low), high)
        return x

    def training_step(self):
        views = torch.cat([light(self.images), light(self.images)])
        self.network.eval()
        with torch.no_grad():
            keys = unit(self.network(views)[0])

        def inner(x):
            z, logits = self.network(x)
            s = unit(z) @ keys.t() / TEMPERATURE
            return contrast(s, s.logsumexp(1, keepdim=True), self.inner_positives, self.inner_opposites, 1) + F.cross_entropy(logits, self.labels, reduction="none")

        start = (self.images + torch.empty_like(self.images).uniform_(-EPSILON, EPSILON)).clamp_(0, 1)
        attacked = self.climb(start, inner)
        self.network.train()
        z, logits = self.network(torch.cat([views, attacked]))
        z = unit(z)
        s = z @ z.t() / TEMPERATURE
        log_normalizer = s.masked_fill(self.self_mask, float("-inf")).logsumexp(1, keepdim=True)
        loss = contrast(s, log_normalizer, self.positives, self.opposites, self.has_opposite).mean() + F.cross_entropy(logits, self.labels.repeat(3))
        self.network.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step(1e-3)

    def score(self, x):
        return -(unit(self.network(x)[0]) @ self.bank.t()).max(1).values

    def evaluation(self):
        self.network.eval()
        attacked = self.climb(self.images, self.score)
        with torch.no_grad():
            self.score(attacked)

    def scoring(self):
        self.network.eval()
        with torch.no_grad():
            self.score(self.scored)

    def time(self, work):
        processor, wall = time.process_time(), time.perf_counter()
        work()
        return time.process_time() - processor, time.perf_counter() - wall


class CobraSide:
    """The benchmark project as a child process that times one workload for each line it is sent."""

    def __init__(self, normals):
        folder = pathlib.Path(__file__).resolve().parent.parent / "CobraAD.Benchmarks" / "bin" / "Release" / "net10.0" / "linux-x64"
        command = [str(folder / "CobraAD.Benchmarks"), "turns", "--threads", "1", "--normals", str(normals)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        while (line := self.process.stdout.readline().strip()) != "ready":
            if not line:
                raise SystemExit("The benchmark project ended before it was ready; build it: dotnet build -c Release benchmarks/CobraAD.Benchmarks")
            print(line)

    def time(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return tuple(float(number) for number in self.process.stdout.readline().split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--normals", type=int, default=16)
    options = parser.parse_args()
    torch.set_num_threads(1)
    theirs, ours = PyTorchSide(options.normals), CobraSide(options.normals)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread")
    work = {"training step": theirs.training_step, "PGD evaluation": theirs.evaluation, "scoring": theirs.scoring}
    samples = {name: [] for name in work}
    for round_ in range(-1, options.rounds):
        for name, body in work.items():
            pair = ours.time(name), theirs.time(body)
            if round_ >= 0:  # the first round warms up
                samples[name].append(pair)
        print(f"round {round_ + 1} of {options.rounds}, load {os.getloadavg()[0]:.1f}", flush=True)
    print("\n| what | CobraAD, processor s (least-most) | PyTorch | CobraAD / PyTorch |\n|---|---|---|---|")
    for name, pairs in samples.items():
        mine, other = ([pair[side][0] for pair in pairs] for side in (0, 1))
        ratios = [a / b for a, b in zip(mine, other)]
        print(f"| {name} | " + " | ".join(f"{statistics.median(v):.3f} ({min(v):.3f}-{max(v):.3f})" for v in (mine, other, ratios)) + " |")


if __name__ == "__main__":
    main()
