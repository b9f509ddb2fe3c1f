"""What the paper's code does, as an own PyTorch program: the peer of bench/digits.mjs, bench/solver.mjs, bench/gpu.mjs.

    python bench/peers/paper_loop.py --gaussian [--count 64]
    python bench/peers/paper_loop.py --digits examples/digits/digits.pt [--form eager|frozen] [--batch 256]
    python bench/peers/paper_loop.py --digits examples/digits/digits.pt --device cuda [--form compile] [--tf32]

One batch goes through Algorithm 1 of arXiv:2105.14080 in step until its last sample is done: finished samples keep
their place and are evaluated with a step of 0, noise is drawn afresh for every attempt, and both stages are
evaluated again after a rejection. Step sizes and times are a sample's own. Prints one line of JSON.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Callable

import torch
from torch import Tensor

BETA_MIN, BETA_MAX, T_END = 0.1, 20.0, 1e-3


def alpha_sigma(t: Tensor) -> tuple[Tensor, Tensor]:
    log_alpha = -0.25 * t**2 * (BETA_MAX - BETA_MIN) - 0.5 * t * BETA_MIN
    return torch.exp(log_alpha), torch.sqrt(1 - torch.exp(2 * log_alpha))


class Timed:
    """A function and what its calls cost. On a GPU two events a call are recorded and read at the end: nothing waits."""

    def __init__(self, call: Callable[[Tensor, Tensor], Tensor], device: torch.device):
        self.call, self.on_gpu, self.marks, self.calls, self.rows = call, device.type == "cuda", [], 0, 0

    def mark(self):
        if not self.on_gpu:
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        start = self.mark()
        answer = self.call(x, t)
        self.marks.append((start, self.mark()))
        self.calls += 1
        self.rows += len(x)
        return answer

    def seconds(self) -> float:
        if self.on_gpu:
            return sum(start.elapsed_time(end) for start, end in self.marks) / 1000
        return sum(end - start for start, end in self.marks)


def sample(
    score: Callable[[Tensor, Tensor], Tensor], shape: tuple[int, ...], rtol: float, atol: float, device: torch.device
):
    """Returns samples [rows, …] and, for each, the attempts it needed and those rejected."""
    rows, ones = shape[0], [1] * (len(shape) - 1)
    x = torch.randn(shape, device=device)
    previous, floor = x, torch.tensor(atol, device=device)
    t, h = torch.ones(rows, device=device), torch.full((rows,), 0.01, device=device)
    attempts, rejected = torch.zeros(rows, device=device), torch.zeros(rows, device=device)

    def column(value: Tensor) -> Tensor:
        return value.view(-1, *ones)

    def reverse_drift(x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        beta = column(BETA_MIN + t * (BETA_MAX - BETA_MIN))
        return -0.5 * beta * x - beta * score(x, t), beta.sqrt()

    while bool(((t - T_END).abs() > 1e-6).any()):
        running = (t - T_END) > 1e-6
        z = torch.randn_like(x)
        noise = column(h.sqrt()) * z
        drift, g = reverse_drift(x, t)
        k1 = -column(h) * drift + g * noise
        euler = x + k1
        drift, g = reverse_drift(euler, t - h)
        k2 = -column(h) * drift + g * noise
        heun = x + 0.5 * (k1 + k2)
        delta = torch.maximum(floor, rtol * torch.maximum(euler.abs(), previous.abs()))
        error = ((euler - heun) / delta).flatten(1).norm(dim=1) / math.sqrt(x[0].numel())
        accept = error <= 1
        x = torch.where(column(accept), heun, x)
        previous = torch.where(column(accept), euler, previous)
        t = torch.where(accept, t - h, t)
        attempts += running
        rejected += running & ~accept
        grown = torch.where(h == 0, h, 0.9 * h * error ** -0.9)
        h = torch.minimum(grown, (t - T_END).clamp(min=0))

    t = torch.full((rows,), T_END, device=device)
    return x + column(alpha_sigma(t)[1]) ** 2 * score(x, t), attempts, rejected


def gaussian_score(x: Tensor, t: Tensor) -> Tensor:
    """Of data N(0, 0.25 I)."""
    alpha, sigma = alpha_sigma(t)
    return -x / (0.25 * alpha**2 + sigma**2)[:, None]


def digits_network(path: Path, form: str, device: torch.device) -> Callable[[Tensor, Tensor], Tensor]:
    module = torch.jit.load(path, map_location=device).eval()
    if form == "frozen":
        for parameter in module.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.to(memory_format=torch.channels_last)
        frozen = torch.jit.freeze(module)
        return lambda x, label: frozen(x.to(memory_format=torch.channels_last), label)
    sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "digits"))
    from unet import UNet

    network = UNet().to(device).eval()
    network.load_state_dict(module.state_dict())
    if form.startswith("compile"):
        # A shape is compiled for itself: its best, and the warm-up has seen every one.
        return torch.compile(network, dynamic=False, mode="max-autotune" if form == "compile-max" else None)
    return network


def run(arguments: argparse.Namespace) -> dict[str, object]:
    device = torch.device(arguments.device)
    # PyTorch rounds float32 factors to 10 bits in convolutions unless told otherwise.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = arguments.tf32
    torch.manual_seed(arguments.seed)
    if arguments.digits:
        timed = Timed(digits_network(arguments.digits, arguments.form, device), device)
        shape: tuple[int, ...] = (1, 28, 28)

        def score(x: Tensor, t: Tensor) -> Tensor:
            sigma = alpha_sigma(t)[1].view(-1, 1, 1, 1)
            return -timed(x, 999 * t) / sigma
    else:
        timed, shape = Timed(gaussian_score, device), (3072,)
        score = timed

    batch = min(arguments.batch or arguments.count, arguments.count)
    warm_up(timed.call, sorted({batch, arguments.count % batch} - {0}), shape, device)
    parts, attempts, rejected = [], [], []
    wait(device)
    start = time.perf_counter()
    for first in range(0, arguments.count, batch):
        rows = min(batch, arguments.count - first)
        x, tried, refused = sample(score, (rows, *shape), arguments.rtol, arguments.atol, device)
        parts.append(x.cpu())  # the samples end in host memory, as ours do
        attempts.append(tried)
        rejected.append(refused)
    wait(device)
    seconds = time.perf_counter() - start

    samples, tries, refusals = torch.cat(parts), torch.cat(attempts), torch.cat(rejected)
    evaluations = 2 * tries + 1  # a sample's own, the denoising included
    if arguments.save:
        samples.numpy().tofile(arguments.save)
    return {
        "seconds": seconds,
        "network_seconds": timed.seconds(),
        "calls": timed.calls,
        "rows": timed.rows,
        "mean_evaluations": evaluations.mean().item(),
        "max_evaluations": evaluations.max().item(),
        "rejected_share": (refusals.sum() / tries.sum()).item(),
        "variance": samples.var().item(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        **({"tf32": arguments.tf32, "cuda": torch.version.cuda} if device.type == "cuda" else {}),
    }


def warm_up(network: Callable[[Tensor, Tensor], Tensor], sizes: list[int], shape: tuple[int, ...], device: torch.device):
    """Caches, the first calls of a scripted module, a compilation for each batch size; on a GPU the loop's kernels too."""
    for rows in sizes:
        for _ in range(5):
            network(torch.randn(rows, *shape, device=device), torch.ones(rows, device=device))
        if device.type == "cuda":
            sample(lambda x, t: -network(x, t), (rows, *shape), 1e6, 1e6, device)  # any error will do: two steps


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    problem = parser.add_mutually_exclusive_group(required=True)
    problem.add_argument("--digits", type=Path, help="the network's TorchScript file")
    problem.add_argument("--gaussian", action="store_true", help="exact score, 3072 dimensions")
    forms = ["eager", "frozen", "compile", "compile-max"]
    parser.add_argument("--form", choices=forms, default="eager", help="of the network")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1")
    parser.add_argument("--tf32", action="store_true", help="on a GPU: float32 factors rounded to 10 bits")
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--batch", type=int, default=0, help="default: all at once")
    parser.add_argument("--rtol", type=float, default=0.05)
    parser.add_argument("--atol", type=float, default=0.0078)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="a file for the samples: float32, nothing else")
    with torch.inference_mode():
        print(json.dumps(run(parser.parse_args())))
