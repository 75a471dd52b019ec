"""The original APGD and Square on a TorchScript detector, beside what ours found: original.py MODEL.pt IMAGES EPSILON OURS.json"""
import json
import pathlib
import sys
from fractions import Fraction

try:
    import numpy
    import torch
    from autoattack.autopgd_base import APGDAttack
    from autoattack.square import SquareAttack
    from PIL import Image
except ImportError as missing:
    sys.exit(f"{missing}. The comparison needs torch, numpy, Pillow and the package autoattack of Croce and Hein.")


# Square stops at an image once it is on the wrong side of the line between both classes; a rank has no such line, so it lies this many spreads beyond all scores.
REACH = 5


def load(folder):
    """The test images [N, 3, H, W] in [0, 1] and their labels: 1 for anomalous."""
    images, labels = [], []
    for path in sorted((folder / "test").rglob("*.png")):
        pixels = numpy.asarray(Image.open(path).convert("RGB"), dtype=numpy.float32) / 255
        images.append(torch.from_numpy(pixels).permute(2, 0, 1))
        labels.append(0 if path.parent.name == "good" else 1)
    if len(set(labels)) < 2:
        sys.exit(f"{folder}/test needs PNG files below good and below at least one other folder.")
    return torch.stack(images), torch.tensor(labels)


def auroc(scores, labels):
    """The share of pairs that are ranked correctly, ties as a half."""
    normal, anomalous = scores[labels == 0], scores[labels == 1]
    difference = anomalous.unsqueeze(1) - normal.unsqueeze(0)
    return 100 * ((difference > 0).double() + 0.5 * (difference == 0).double()).mean().item()


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    model = torch.jit.load(sys.argv[1]).eval()
    images, labels = load(pathlib.Path(sys.argv[2]))
    epsilon = float(Fraction(sys.argv[3]))
    with open(sys.argv[4], encoding="utf-8") as file:
        ours = {attack["recipe"].split(":")[0]: 100 * attack["result"]["metrics"]["auroc"] for attack in json.load(file)["attacks"]}

    def score(x):
        return model(x).reshape(-1)

    with torch.no_grad():
        clean = score(images)
    spread = (clean.quantile(0.75) - clean.quantile(0.25)).clamp_min(1e-12)

    def worst(attack):
        """The untouched score of each image, or that of the attack's point where it is worse for the detector."""
        found = clean.clone()
        for label in (0, 1):
            rows = labels == label
            beyond = clean.max() + REACH * spread if label == 0 else clean.min() - REACH * spread

            def logits(x, line):
                value = (score(x) - line) / spread
                return torch.stack([torch.zeros_like(value), value], dim=1)

            points = attack(logits, beyond, images[rows].clone(), labels[rows].clone())
            with torch.no_grad():
                after = score(points)
            found[rows] = torch.minimum(clean[rows], after) if label == 1 else torch.maximum(clean[rows], after)
        return found

    # What perturb() returns by default is each image as it was, unless it is classified wrongly: both are asked for the best point of their runs instead.
    def apgd(logits, beyond, x, y):
        original = APGDAttack(lambda points: logits(points, clean.median()), n_iter=50, n_restarts=5, norm="Linf", eps=epsilon, loss="ce", seed=0, device="cpu")
        torch.random.manual_seed(original.seed)
        found = original.perturb(x, y, best_loss=True)
        # Some versions return the losses besides.
        return found[0] if isinstance(found, tuple) else found

    def square(logits, beyond, x, y):
        original = SquareAttack(lambda points: logits(points, beyond), norm="Linf", n_queries=500, eps=epsilon, seed=0, device="cpu")
        torch.random.manual_seed(original.seed)
        original.init_hyperparam(x)
        return original.attack_single_run(x, y)[1]

    originals = {"apgd": apgd, "square": square}
    print(f"untouched {auroc(clean, labels):.1f}\n\n| attack | original | ours |\n|---|---|---|")
    for name, attack in originals.items():
        print(f"| {name} | {auroc(worst(attack), labels):.1f} | {ours[name]:.1f} |")


if __name__ == "__main__":
    main()
