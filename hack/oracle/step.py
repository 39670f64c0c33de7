"""One training step of a real transformers model over fake tensors, and the bytes alive in each of its phases."""
import contextlib
import gc
import weakref

import torch
import torch.utils._pytree as pytree
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

import decisions

DEVICE = "cuda"


class LiveBytes(TorchDispatchMode):
    """Follows every storage from the operation that makes it until nothing holds it; sizes as the caching allocator rounds them."""

    def __init__(self):
        super().__init__()
        self.live, self.now, self.peak = {}, 0, 0
        self.casts, self.parameters = 0, set()

    def hold(self, tensor, is_cast=False, is_parameter=False):
        if not isinstance(tensor, torch.Tensor) or tensor.device.type != DEVICE:
            return
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self.live:
            return
        size = (storage.nbytes() + 511) // 512 * 512
        self.live[key] = (size, is_cast, weakref.ref(storage, lambda _: self._free(key)))
        if is_parameter:
            self.parameters.add(key)
        self.now += size
        self.casts += size if is_cast else 0
        self.peak = max(self.peak, self.now)

    def _free(self, key):
        size, is_cast, _ = self.live.pop(key)
        self.now -= size
        self.casts -= size if is_cast else 0

    def phase(self):
        """The peak since the last call."""
        peak, self.peak = self.peak, self.now
        return peak

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        is_cast = (operation is torch.ops.aten._to_copy.default and isinstance(args[0], torch.Tensor)
                   and args[0].untyped_storage()._cdata in self.parameters)
        result = operation(*args, **(kwargs or {}))
        for tensor in pytree.tree_leaves(result):
            self.hold(tensor, is_cast)
        return result


class _ExpandedProduct(torch.autograd.Function):
    """bitsandbytes bitsandbytes/autograd/_functions.py, MatMul4Bit: expands the matrix twice and keeps no input."""

    @staticmethod
    def forward(context, given, packed, shape):
        context.save_for_backward(packed)
        context.shape = shape
        return torch.nn.functional.linear(given, given.new_empty(shape))

    @staticmethod
    def backward(context, gradient):
        return torch.matmul(gradient, gradient.new_empty(context.shape)), None, None


class QuantisedLinear(torch.nn.Module):
    """bitsandbytes bitsandbytes/nn/modules.py, Linear4bit, doubly quantised: computes in bf16 and returns the type that it was given."""

    def __init__(self, linear):
        super().__init__()
        self.in_features, self.out_features, self.bias = linear.in_features, linear.out_features, linear.bias
        blocks = linear.weight.numel() // 64
        self.packed = torch.nn.Parameter(torch.empty(32 * blocks, dtype=torch.uint8), requires_grad=False)
        self.scales = torch.nn.Parameter(torch.empty(blocks, dtype=torch.uint8), requires_grad=False)
        self.scales_of_scales = torch.nn.Parameter(torch.empty(blocks // 256, dtype=torch.float32), requires_grad=False)

    def forward(self, x):
        result = _ExpandedProduct.apply(x.to(torch.bfloat16), self.packed, (self.out_features, self.in_features))
        return (result if self.bias is None else result + self.bias.to(torch.bfloat16)).to(x.dtype)


class Adapter(torch.nn.Module):
    """
    A linear layer with LoRA around it, computed as peft does (peft src/peft/tuners/lora/layer.py, Linear.forward), or a quantised one (bnb.py,
    Linear4bit.forward).
    """

    def __init__(self, linear, rank, dtype):
        super().__init__()
        self.base_layer = linear
        self.lora_A = torch.nn.Linear(linear.in_features, rank, bias=False, dtype=dtype)
        self.lora_B = torch.nn.Linear(rank, linear.out_features, bias=False, dtype=dtype)

    def forward(self, x):
        result = self.base_layer(x)
        kind = result.dtype
        if isinstance(self.base_layer, QuantisedLinear):
            result = result.clone()
            if torch.is_autocast_enabled("cuda"):
                return result + self.lora_B(self.lora_A(x)) * 2.0
        return (result + self.lora_B(self.lora_A(x.to(self.lora_A.weight.dtype))) * 2.0).to(kind)


def _replace(blocks, kind, made):
    for block in blocks:
        for name, module in list(block.named_modules()):
            if isinstance(module, kind):
                owner, _, last = name.rpartition(".")
                setattr(block.get_submodule(owner), last, made(name, module))


def _quantise(model, blocks, wide):
    """wide: what is not quantised becomes fp32, as peft src/peft/utils/other.py, prepare_model_for_kbit_training, leaves it."""
    _replace(blocks, torch.nn.Linear, lambda _, module: QuantisedLinear(module))
    if wide:
        for parameter in model.parameters():
            if parameter.dtype == torch.bfloat16:
                parameter.data = parameter.data.float()


def _adapt(model, blocks, targets, rank, dtype):
    """targets: attention or all-linear, as peft names them; nothing else is trained."""
    model.requires_grad_(False)

    def adapted(name, module):
        return Adapter(module, rank, dtype) if targets == "all-linear" or "attn" in name or "attention" in name else module
    _replace(blocks, (torch.nn.Linear, QuantisedLinear), adapted)


def _layers(model):
    """The layers that come last, and the module after them."""
    if hasattr(model, "bert"):
        return model.bert.encoder.layer, model.cls
    inner = next(getattr(model, name) for name in ("model", "transformer", "gpt_neox") if hasattr(model, name)) if not hasattr(model, "decoder") else model
    inner = getattr(inner, "decoder", inner)
    layers = next(getattr(inner, name) for name in ("layers", "h", "blocks", "block") if hasattr(inner, name))
    norm = next(getattr(inner, name) for name in ("norm", "ln_f", "final_layer_norm", "final_layernorm", "norm_f") if hasattr(inner, name))
    return layers, norm


def _class(kind):
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM
    return AutoModelForMaskedLM if kind == "bert" else AutoModelForSeq2SeqLM if kind == "t5" else AutoModelForCausalLM


LAYER_FIELDS = {"gpt2": "n_layer", "gptj": "n_layer", "gpt_bigcode": "n_layer", "mpt": "n_layers", "t5": "num_layers"}


def run(config, layers, sequence, batch, precision, path, checkpointing, optimizer, held, adapters=None, quantised=None):
    """precision: bf16, autocast or fp32; path: sdpa, masked or eager; held: the loop keeps the model's outputs until backward is over;
    adapters: attention or all-linear, of rank 16 over frozen bf16 weights, in bf16 or, under autocast, fp32; quantised: narrow or wide, the matrices of
    blocks in NF4 and the rest in bf16 or fp32, adapters like the rest."""
    from transformers import CONFIG_MAPPING
    config = dict(config)
    kind = config.pop("model_type")
    config[LAYER_FIELDS.get(kind, "num_hidden_layers")] = layers
    config = CONFIG_MAPPING[kind](**config)
    decisions.emulate(padded=path == "masked")
    bytes_alive = LiveBytes()
    with FakeTensorMode(allow_non_fake_inputs=True), torch.autograd.set_multithreading_enabled(False):
        with torch.device(DEVICE):
            model = _class(kind).from_config(
                config, dtype=torch.bfloat16 if precision == "bf16" or adapters else torch.float32, attn_implementation="eager" if path == "eager" else "sdpa")
            if quantised:
                _quantise(model, _layers(model)[0], quantised == "wide")
            if adapters:
                _adapt(model, _layers(model)[0], adapters, 16, torch.bfloat16 if (quantised or precision) in ("bf16", "narrow") else torch.float32)
            if quantised == "wide":
                model.enable_input_require_grads()  # prepare_model_for_kbit_training
            tokens = torch.zeros(batch, sequence, dtype=torch.long)
        model.train()
        if checkpointing:
            model.gradient_checkpointing_enable()
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        result, marks = {"parameters": sum(p.numel() for p in model.parameters())}, []
        blocks, norm = _layers(model)

        def mark(*_):
            gc.collect()  # what waits in cycles for the collector is not saved
            marks.append((bytes_alive.now, bytes_alive.casts))
        for block in blocks:
            block.register_forward_hook(mark)

        def at_norm(_, inputs):
            inputs[0].register_hook(lambda _: result.__setitem__("loss", bytes_alive.phase()))
        norm.register_forward_pre_hook(at_norm)
        with bytes_alive:
            for tensor in [*model.parameters(), *model.buffers()]:
                bytes_alive.hold(tensor, is_parameter=True)
            steps = torch.optim.AdamW(parameters, lr=1e-4, foreach=optimizer == "foreach", fused=optimizer == "fused")
            for parameter in parameters:  # a first step, that makes the states
                parameter.grad = torch.zeros_like(parameter)
            steps.step()
            steps.zero_grad(set_to_none=True)
            gc.collect()
            bytes_alive.phase()
            result["states"] = bytes_alive.now
            mask = {"attention_mask": torch.ones(batch, sequence, dtype=torch.long, device=DEVICE)} if path == "masked" else {}
            with torch.autocast(DEVICE, dtype=torch.bfloat16) if precision == "autocast" else contextlib.nullcontext():
                cache = {} if kind == "bert" else {"use_cache": held and not checkpointing}
                outputs = model(input_ids=tokens, labels=tokens, **cache, **mask)
                loss = outputs.loss
            result["forward"] = bytes_alive.phase()
            if not held:
                del outputs
            bytes_alive.phase()
            loss.backward()
            result["backward"] = bytes_alive.phase()
            outputs = loss = None
            bytes_alive.phase()
            steps.step()
            result["step"] = bytes_alive.phase()
        live = [now - casts for now, casts in marks[:layers]]
        result["perLayer"] = live[-1] - live[-2]
        result["castsPerLayer"] = marks[layers - 1][1] - marks[layers - 2][1]
    del model, steps
    gc.collect()
    return result
