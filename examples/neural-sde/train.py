"""Learns drift and diffusion of an SDE from observed paths and exports both as TorchScript: a neural SDE.

    python examples/neural-sde/train.py [--out examples/neural-sde]

The paths are those of dX = (X - X^3) dt + 0.4 sqrt(1 + X^2) dW, observed every 0.02. From x to the next observation y
the networks f and g are fitted by the likelihood of an Euler step: y - x is taken for normal, of mean f(x) h and
variance g(x)^2 h. Half a minute on one core. The same seed gives the same networks on the same machine and PyTorch.
"""

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import torch
from torch import Tensor, nn

H = 0.02
PATHS, OBSERVATIONS, FINE = 2000, 250, 10


class Coefficient(nn.Module):
    """forward(x [rows, 1], t [rows]) -> [rows, 1]; t is not used."""

    def __init__(self, positive: bool):
        super().__init__()
        self.positive = positive
        self.layers = nn.Sequential(
            nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1)
        )

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        y = self.layers(x)
        return nn.functional.softplus(y) if self.positive else y


def observations(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """All pairs of an observation and the next one, [pairs, 1] each, by Euler-Maruyama steps of H / FINE."""
    x = 4 * torch.rand(PATHS, 1, generator=generator) - 2
    seen, h = [x], H / FINE
    for _ in range(OBSERVATIONS):
        for _ in range(FINE):
            noise = torch.randn(x.shape, generator=generator)
            x = x + (x - x**3) * h + 0.4 * (1 + x**2).sqrt() * h**0.5 * noise
        seen.append(x)
    return torch.cat(seen[:-1]), torch.cat(seen[1:])


def export(module: nn.Module, file: Path) -> None:
    """Without the names of source files, which are of no use elsewhere."""
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(module.eval()), buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            if not name.endswith(".debug_pkl"):
                target.writestr(zipfile.ZipInfo(name), source.read(name))


def main(folder: Path) -> None:
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(1)
    x, y = observations(generator)
    drift, diffusion = Coefficient(positive=False), Coefficient(positive=True)
    weights = [*drift.parameters(), *diffusion.parameters()]
    steps, batch = 4000, 4096
    optimizer = torch.optim.Adam(weights, lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        rows = torch.randint(len(x), (batch,), generator=generator)
        now, t = x[rows], torch.zeros(batch)
        f, g = drift(now, t), diffusion(now, t)
        loss = (((y[rows] - now - f * H) / g) ** 2 / (2 * H) + g.log()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 500 == 0:
            print(f"step {step}: {loss.item():.4f}")
    for name, module in (("drift", drift), ("diffusion", diffusion)):
        file = folder / f"{name}.pt"
        export(module, file)
        print(f"{file}: sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}")
    points = torch.linspace(-1.5, 1.5, 7)[:, None]
    with torch.no_grad():
        f, g = drift(points, torch.zeros(7)), diffusion(points, torch.zeros(7))
    for at, a, b in zip(points, f, g):
        print(f"x = {at.item():4.1f}   f = {a.item():6.3f}, exactly {(at - at**3).item():6.3f}"
              f"   g = {b.item():5.3f}, exactly {0.4 * (1 + at**2).sqrt().item():5.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder for drift.pt and diffusion.pt")
    main(parser.parse_args().out)
