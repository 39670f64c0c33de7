"""Runs the steps of each class and writes FOLDER/CLASS.json: python3 measure.py FOLDER [CLASS...]"""
import json
import os
import sys
import time
import traceback
import warnings

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", OMP_NUM_THREADS="1")
warnings.filterwarnings("ignore")
import torch  # noqa: E402

torch.set_num_threads(1)
import fake_cuda  # noqa: E402

fake_cuda.enable()
import transformers  # noqa: E402
from models import CLASSES  # noqa: E402
from step import run  # noqa: E402

LAYERS, SEQUENCE = 3, 1024
USUAL = {"precision": "bf16", "path": "sdpa", "checkpointing": False, "optimizer": "fused", "held": False, "batch": 2}


ADAPTED = ("llama", "qwen2", "qwen3", "gemma3")


def settings(name):
    for precision in ("bf16", "autocast", "fp32"):
        for path in ("sdpa", "masked", "eager"):
            yield USUAL | {"precision": precision, "path": path}
        yield USUAL | {"precision": precision, "checkpointing": True}
    yield USUAL | {"path": "eager", "checkpointing": True}
    yield USUAL | {"optimizer": "foreach"}
    yield USUAL | {"optimizer": "forloop"}
    for precision in ("bf16", "fp32"):
        yield USUAL | {"precision": precision, "held": True}
    if name in ("llama", "deepseek-v3"):
        yield USUAL | {"precision": "autocast", "held": True}
    if name in ADAPTED:
        yield from adapted()


def adapted():
    """Over frozen bf16 weights."""
    for precision in ("bf16", "autocast"):
        for adapters in ("attention", "all-linear"):
            yield USUAL | {"precision": precision, "adapters": adapters}
            yield USUAL | {"precision": precision, "adapters": adapters, "checkpointing": True}
        yield USUAL | {"precision": precision, "adapters": "all-linear", "path": "eager"}
    for quantised, precision in (("narrow", "autocast"), ("wide", "autocast"), ("wide", "bf16")):
        for checkpointing in (False, True):
            yield USUAL | {"precision": precision, "adapters": "all-linear", "quantised": quantised, "checkpointing": checkpointing}
    yield USUAL | {"precision": "autocast", "adapters": "attention", "quantised": "wide"}


def main(folder, names):
    os.makedirs(folder, exist_ok=True)
    for name in names or CLASSES:
        steps, started = [], time.time()
        for setting in settings(name):
            try:
                steps.append(setting | {"layers": LAYERS, "sequence": SEQUENCE} | run(CLASSES[name], LAYERS, SEQUENCE, **setting))
            except Exception:  # one combination that a class refuses must not cost the others
                print(name, setting, traceback.format_exc(limit=-3), file=sys.stderr, flush=True)
        answer = {"class": name, "torch": torch.__version__, "transformers": transformers.__version__, "config": CLASSES[name], "steps": steps}
        with open(os.path.join(folder, name + ".json"), "w") as file:
            lines = ",\n".join("    " + json.dumps(step) for step in steps)
            head = json.dumps({key: value for key, value in answer.items() if key != "steps"}, indent=1)
            file.write(head[:-2] + ',\n "steps": [\n' + lines + "\n ]\n}\n")
        print(f"{name}: {len(steps)} steps in {time.time() - started:.0f} s", file=sys.stderr, flush=True)


main(sys.argv[1], sys.argv[2:])
