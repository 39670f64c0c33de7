"""What a loss holds that computes the logits of one chunk of tokens after the other: python3 chunked_loss.py FILE

As trl's SFTTrainer does (trl/trainer/sft_trainer.py, loss_type chunked_nll): each chunk multiplies with an fp32 copy of the output matrix under
activation checkpointing, and measures accuracy and entropy beside its loss. Bytes per logit of a chunk and per weight of the matrix, at the worst moment of
backward, its gradient included; an fp32 matrix that autocast or the product reads as it is does not count.
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
from torch.nn import functional  # noqa: E402
from torch.utils.checkpoint import checkpoint  # noqa: E402

from step import DEVICE, LiveBytes  # noqa: E402

TOKENS, VOCABULARY, HIDDEN, CHUNK = 1024, 128_000, 64, 256


def of_chunk(hidden, matrix, labels):
    logits = hidden.float() @ matrix.float().t()
    likely = torch.log_softmax(logits, dim=-1)
    loss = functional.nll_loss(likely, labels, reduction="sum")
    right = (logits.argmax(dim=-1) == labels).sum()
    entropy = -((likely.exp() * likely).sum(dim=-1) * (labels >= 0)).sum()
    return loss, right, entropy


def backward_peak(precision, trained, width, chunk):
    alive, kind = LiveBytes(), torch.bfloat16 if precision == "bf16" else torch.float32
    with FakeTensorMode(allow_non_fake_inputs=True), torch.autograd.set_multithreading_enabled(False):
        with torch.device(DEVICE):
            matrix = torch.nn.Parameter(torch.zeros(VOCABULARY, width, dtype=kind), requires_grad=trained)
            hidden = torch.zeros(TOKENS, width, dtype=kind, requires_grad=True)
            labels = torch.zeros(TOKENS, dtype=torch.long)
        with alive:
            with torch.autocast(DEVICE, torch.bfloat16) if precision == "autocast" else contextlib.nullcontext():
                parts = [checkpoint(of_chunk, hidden[start:start + chunk], matrix, labels[start:start + chunk], use_reentrant=False)
                         for start in range(0, TOKENS, chunk)]
                loss = sum(part for part, _, _ in parts)
                del parts
            gc.collect()
            alive.phase()
            loss.backward()
            return alive.phase()


def measure(precision, trained):
    usual = backward_peak(precision, trained, HIDDEN, CHUNK)
    wider = backward_peak(precision, trained, 2 * HIDDEN, CHUNK) - usual
    longer = backward_peak(precision, trained, HIDDEN, 2 * CHUNK) - usual
    itself = 0 if precision == "bf16" else 4
    return {"precision": precision, "trained": trained, "perChunkLogit": round(longer / (CHUNK * VOCABULARY), 1),
            "perWeight": round(wider / (HIDDEN * VOCABULARY) - itself, 1)}


losses = [measure(precision, trained) for precision in ("bf16", "autocast", "fp32") for trained in (True, False)]
with open(sys.argv[1], "w") as file:
    file.write('{"torch": "' + torch.__version__ + '", "losses": [\n' + ",\n".join("  " + json.dumps(loss) for loss in losses) + "\n]}\n")
