"""Writes digits.onnx from the weights in digits.pt, and its SHA-256 beside it.

    pip install torch onnx onnxscript
    python examples/digits/export_onnx.py

Opset 18. The rows are dynamic: one file serves every batch.
"""

import argparse
import hashlib
from pathlib import Path

import onnx
import torch

from unet import UNet

OPSET = 18


def export(source: Path, path: Path) -> None:
    network = UNet().eval()
    network.load_state_dict(torch.jit.load(str(source)).state_dict())
    torch.manual_seed(0)
    x, label = torch.randn(3, 1, 28, 28), torch.rand(3) * 999
    rows = torch.export.Dim("rows")
    torch.onnx.export(
        network,
        (x, label),
        str(path),
        input_names=["x", "label"],
        output_names=["noise"],
        dynamo=True,
        dynamic_shapes=({0: rows}, {0: rows}),
        opset_version=OPSET,
        external_data=False,  # the weights belong in the file: its hash is that of all
    )
    model = onnx.load(str(path))
    forget_where_it_was_made(model)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".onnx.sha256").write_text(f"{digest}  {path.name}\n")


def forget_where_it_was_made(model: onnx.ModelProto) -> None:
    """The exporter writes a stack trace with paths of this machine at every node."""
    graph = model.graph
    for part in [model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer]:
        part.ClearField("metadata_props")
        part.ClearField("doc_string")


if __name__ == "__main__":
    here = Path(__file__).parent
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, default=here / "digits.onnx")
    export(here / "digits.pt", arguments.parse_args().out)
