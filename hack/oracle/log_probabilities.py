"""What a loss over the log-probabilities of given tokens holds of each logit: python3 log_probabilities.py FILE

Row by row, as trl's trainers compute it (trl/trainer/utils.py, selective_log_softmax): 16-bit logits through log-softmax, fp32 ones through
log-sum-exp. Bytes per logit at the worst moment of forward and backward, without the output matrix's own gradient and cast.
"""
import contextlib
import gc
import json
import os
import sys

os.environ.update(OMP_NUM_THREADS="1")
import torch  # noqa: E402

torch.set_num_threads(1)
import fake_cuda  # noqa: E402

fake_cuda.enable()
from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: E402

from step import DEVICE, LiveBytes  # noqa: E402

LENGTH, VOCABULARY, HIDDEN = 1024, 128_000, 64


def of_rows(logits, tokens):
    if logits.dtype == torch.float32:
        chosen = logits.gather(-1, tokens[..., None])[..., 0]
        return chosen - torch.stack([torch.logsumexp(row, dim=-1) for row in logits])
    return torch.stack([torch.log_softmax(row, dim=-1).gather(-1, picks[:, None])[:, 0] for row, picks in zip(logits, tokens)])


def measure(precision, rows):
    alive, kind = LiveBytes(), torch.bfloat16 if precision == "bf16" else torch.float32
    with FakeTensorMode(allow_non_fake_inputs=True), torch.autograd.set_multithreading_enabled(False):
        with torch.device(DEVICE):
            matrix = torch.nn.Parameter(torch.zeros(VOCABULARY, HIDDEN, dtype=kind))
            hidden = torch.zeros(rows, LENGTH, HIDDEN, dtype=kind, requires_grad=True)
            tokens = torch.zeros(rows, LENGTH, dtype=torch.long)
        with alive:
            with torch.autocast(DEVICE, torch.bfloat16) if precision == "autocast" else contextlib.nullcontext():
                logits = torch.nn.functional.linear(hidden, matrix)
                loss = -of_rows(logits, tokens).mean()
                del logits
            gc.collect()
            forward = alive.phase()
            loss.backward()
            backward = alive.phase()
    return max(forward, backward) / (rows * LENGTH * VOCABULARY)


steps = [{"precision": precision, "rows": rows, "bytes": round(measure(precision, rows), 2)} for precision in ("bf16", "autocast", "fp32") for rows in (1, 2, 3, 4, 8)]
with open(sys.argv[1], "w") as file:
    file.write('{"torch": "' + torch.__version__ + '", "losses": [\n' + ",\n".join("  " + json.dumps(step) for step in steps) + "\n]}\n")
