"""The score network of the digits example: a small U-Net that predicts noise.

forward(x, label) -> noise, with x [rows, 1, 28, 28] (data range [-1, 1] plus VP noise) and
label [rows] = 999 * t, the time convention of score_sde's VP models. Depthwise convolutions and
1x1 mixing keep it light enough for two CPU cores.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def group_norm(channels: int) -> nn.GroupNorm:
    """Groups of 16 channels: a full vector register each, so fast in channels_last on a CPU."""
    return nn.GroupNorm(channels // 16, channels)


class TimeEmbedding(nn.Module):
    """Sinusoids of the label, then a two-layer perceptron: [rows] -> [rows, width]."""

    def __init__(self, width: int):
        super().__init__()
        frequencies = torch.exp(-math.log(10_000.0) * torch.arange(32) / 31)
        self.register_buffer("frequencies", frequencies)
        self.first = nn.Linear(64, width)
        self.second = nn.Linear(width, width)

    def forward(self, label: Tensor) -> Tensor:
        phase = label[:, None] * self.frequencies[None, :]
        waves = torch.cat([phase.sin(), phase.cos()], dim=1)
        return F.silu(self.second(F.silu(self.first(waves))))


class Block(nn.Module):
    """5x5 depthwise, norm, time modulation (scale and shift), 1x1 wider, SiLU, 1x1 back, plus a skip."""

    def __init__(self, channels_in: int, channels: int, width: int):
        super().__init__()
        self.depthwise = nn.Conv2d(channels_in, channels_in, 5, padding=2, groups=channels_in)
        self.norm = group_norm(channels_in)
        self.modulation = nn.Linear(width, 2 * channels_in)
        self.expand = nn.Conv2d(channels_in, 2 * channels, 1)
        self.project = nn.Conv2d(2 * channels, channels, 1)
        self.skip = nn.Conv2d(channels_in, channels, 1) if channels_in != channels else nn.Identity()
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        scale, shift = self.modulation(time)[:, :, None, None].chunk(2, dim=1)
        h = self.norm(self.depthwise(x)) * (1 + scale) + shift
        return self.skip(x) + self.project(F.silu(self.expand(h)))


class SelfAttention(nn.Module):
    """One head of attention over all pixels; used at 7x7 only, where it is cheap."""

    def __init__(self, channels: int):
        super().__init__()
        self.norm = group_norm(channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(self.norm(x)).flatten(2).transpose(1, 2).chunk(3, dim=2)
        weights = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[2]), dim=2)
        mixed = (weights @ v).transpose(1, 2).reshape(x.shape)
        return x + self.out(mixed)


class UNet(nn.Module):
    """Three resolutions, 28x28, 14x14 and 7x7, with c1, c2 and c3 channels."""

    def __init__(self, c1: int = 32, c2: int = 64, c3: int = 128, width: int = 128):
        super().__init__()
        self.time = TimeEmbedding(width)
        self.stem = nn.Conv2d(1, c1, 3, padding=1)
        self.down1 = Block(c1, c1, width)
        self.shrink1 = nn.Conv2d(c1, c2, 2, stride=2)
        self.down2a = Block(c2, c2, width)
        self.down2b = Block(c2, c2, width)
        self.shrink2 = nn.Conv2d(c2, c3, 2, stride=2)
        self.middle1 = Block(c3, c3, width)
        self.attention = SelfAttention(c3)
        self.middle2 = Block(c3, c3, width)
        self.middle3 = Block(c3, c3, width)
        self.grow2 = nn.Conv2d(c3, c2, 1)
        self.up2a = Block(2 * c2, c2, width)
        self.up2b = Block(c2, c2, width)
        self.grow1 = nn.Conv2d(c2, c1, 1)
        self.up1 = Block(2 * c1, c1, width)
        self.norm = group_norm(c1)
        self.head = nn.Conv2d(c1, 1, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        time = self.time(label)
        h1 = self.down1(self.stem(x), time)
        h2 = self.down2b(self.down2a(self.shrink1(h1), time), time)
        h = self.middle1(self.shrink2(h2), time)
        h = self.middle3(self.middle2(self.attention(h), time), time)
        h = F.interpolate(self.grow2(h), scale_factor=2.0, mode="nearest")
        h = self.up2b(self.up2a(torch.cat([h, h2], dim=1), time), time)
        h = F.interpolate(self.grow1(h), scale_factor=2.0, mode="nearest")
        h = self.up1(torch.cat([h, h1], dim=1), time)
        return self.head(F.silu(self.norm(h)))
