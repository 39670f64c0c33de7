"""What a model's own cache keeps after forward passes of some lengths, by layer."""
import inspect
import signal

import torch
import transformers.masking_utils as masks
from transformers import DynamicCache, EncoderDecoderCache
from transformers.initialization import no_init_weights

import smaller

_NAMES = ("past_key_values", "cache_params", "state", "mems", "past_buckets_states")
_LANGUAGE = ("language_model", "model.language_model", "text_decoder", "text_model", "vlm.model.language_model", "model.vlm.language_model", "model.text_model")
_SHORT = (16, 32)  # below any window
_ENCODED = 64
_FITS = 1.5e9  # parameters


def _late(*_):
    raise TimeoutError("the forward passes take too long")


def _tensors(given, path=(), seen=None):
    """Tensors that a cache's layer holds, by where they lie in it."""
    seen = set() if seen is None else seen
    if isinstance(given, torch.Tensor):
        if id(given) not in seen and given.dim() > 0 and given.numel() > 0:  # the window, too, is kept as a tensor, without dimensions
            seen.add(id(given))
            yield path, given
        return
    if isinstance(given, dict):
        inner = given.items()
    elif isinstance(given, (list, tuple)):
        inner = enumerate(given)
    elif hasattr(given, "__dict__") and not isinstance(given, (type, torch.nn.Module)) and "Config" not in type(given).__name__:
        inner = vars(given).items()
    else:
        return
    for key, value in inner:
        yield from _tensors(value, (*path, str(key)), seen)


def _sizes(tensors):
    return {path: (tensor.numel() * tensor.element_size(), str(tensor.dtype).removeprefix("torch.")) for path, tensor in tensors}


def _layers(cache):
    layers = getattr(cache, "layers", None)
    if layers is None and isinstance(cache, (list, tuple)):
        layers = list(cache)
    answer = [(type(layer).__name__, _sizes(_tensors(layer))) for layer in layers or ()]
    found = {}  # beside its layers a class may keep a list of all layers' states (MiniMaxCache), and older ones have nothing but such lists
    for path, tensor in _tensors({name: value for name, value in vars(cache).items() if name != "layers"} if hasattr(cache, "__dict__") else {}):
        index = next((int(item) for item in path if item.isdigit()), 0)
        found.setdefault(index, []).append((tuple(item for item in path if not item.isdigit()), tensor))
    for index, tensors in sorted(found.items()):
        if index < len(answer):
            answer[index] = (answer[index][0], answer[index][1] | _sizes(tensors))
        else:
            answer.append((type(cache).__name__, _sizes(tensors)))
    return answer


def _kept_by_modules(model):
    """Some keep their state themselves, beside the cache (modeling_recurrent_gemma.py)."""
    for module in model.modules():
        states = {(name,): value for name, value in vars(module).items() if "state" in name and isinstance(value, torch.Tensor)}
        if states:
            yield type(module).__name__, _sizes(states.items())


def _state(output):
    for name in _NAMES:
        found = output.get(name) if isinstance(output, dict) else getattr(output, name, None)
        if found is not None:
            return found
    raise LookupError("keeps no cache: " + ", ".join(output.keys()))


def _given(model):
    """The cache that a generation hands to its model (transformers/generation/utils.py, _prepare_cache_for_generation)."""
    takes = [name for name in ("past_key_values", "cache_params") if name in inspect.signature(model.forward).parameters]
    if not takes or not getattr(model, "_supports_default_dynamic_cache", lambda: True)():
        return {}
    text = model.config.get_text_config(decoder=True)
    cache = DynamicCache(config=text)
    return {takes[0]: EncoderDecoderCache(cache, DynamicCache(config=text)) if model.config.is_encoder_decoder else cache}


def _after(model, length, device, generates):
    tokens = torch.ones(1, length, dtype=torch.long, device=device)
    given = {"input_ids": tokens, "use_cache": True}
    if "decoder_input_ids" in inspect.signature(model.forward).parameters:
        given |= {"input_ids": tokens.new_ones(1, _ENCODED), "decoder_input_ids": tokens}
    if model.config.model_type == "pix2struct":
        given["flattened_patches"] = torch.ones(1, _ENCODED, 770, dtype=torch.bfloat16, device=device)
        del given["input_ids"]
    if "bbox" in inspect.signature(model.forward).parameters:
        given["bbox"] = torch.zeros(*given["input_ids"].shape, 4, dtype=torch.bfloat16, device=device)
    made = _given(model) if generates else {}
    with torch.no_grad():
        output = model(**given, **made)
    cache = next(iter(made.values())) if made else _state(output)
    crossed = getattr(cache, "cross_attention_cache", None)
    return _layers(getattr(cache, "self_attention_cache", cache)) + list(_kept_by_modules(model)), _layers(crossed) if crossed is not None else []


def _growth(sizes, lengths):
    """Bytes per token while it grows, bytes that do not, and the tokens it stops at, of one tensor after passes of four lengths."""
    early = (sizes[1] - sizes[0]) / (lengths[1] - lengths[0])
    late = (sizes[3] - sizes[2]) / (lengths[3] - lengths[2])
    if late > 0:  # blocks of a compressed layer come only every so many tokens: early on there may be none
        return late, sizes[3] - late * lengths[3], None
    if early > 0:
        constant = sizes[1] - early * lengths[1]
        return early, constant, round((sizes[3] - constant) / early)
    if sizes[3] > sizes[0]:  # a window's end between the two short ones, or something that comes once
        return 0.0, sizes[3], None
    return 0.0, sizes[3], None


def _whole(number):
    return int(number) if float(number).is_integer() else round(number, 4)


def _rows(passes, lengths):
    """Equal layers together; what of a layer stops growing apart from what of it goes on."""
    rows, types = {}, {}
    for index, (name, last) in enumerate(passes[-1]):
        parts = {}
        for path, (_, kind) in last.items():
            sizes = [layers[index][1].get(path, (0, kind))[0] if index < len(layers) else 0 for layers in passes]
            growing, constant, window = _growth(sizes, lengths)
            part = parts.setdefault(window if growing else "constant", [0.0, 0.0])
            part[0] += growing
            part[1] += constant
            types.setdefault(kind, set()).add(".".join(item for item in path if not item.isdigit()) or "tensor")
        constant = parts.pop("constant", [0.0, 0.0])[1]
        listed = sorted(parts.items(), key=lambda part: part[0] is None)
        for position, (window, (growing, fixed)) in enumerate(listed or [(None, (0.0, 0.0))]):
            row = (name, _whole(growing), _whole(fixed + (constant if position == len(listed) - 1 or not listed else 0)), window)
            rows[row] = rows.get(row, 0) + 1
    return [[count, *row] for row, count in rows.items()], {kind: sorted(names) for kind, names in sorted(types.items())}


def _longest_window(config):
    names = ("sliding_window", "attention_chunk_size", "attention_window_size", "window_size", "local_attention", "chunk_size")
    values = [value for name in names for value in [getattr(config, name, None)] if isinstance(value, int) and not isinstance(value, bool)]
    return max(values, default=0)


def _passes(model, lengths, device):
    try:
        passes = [_after(model, length, device, True) for length in lengths]
        if any(sizes for _, sizes in passes[-1][0]):
            return "generate", passes
    except Exception as error:
        if isinstance(error, TimeoutError):
            raise
        failed = error
    else:
        failed = LookupError("leaves the cache it is given empty")
    try:
        return "forward", [_after(model, length, device, False) for length in lengths]
    except LookupError:
        raise failed


def _attempt(build, config, device, kind):
    text = config.get_text_config(decoder=True)
    window = _longest_window(text)
    long = (window // 128 + 2) * 128
    lengths = (*_SHORT, long, long + 128)
    with torch.device("meta"):
        model = build(config, kind)
    if device != "meta":
        weight = sum(parameter.numel() for parameter in model.parameters())
        if weight > _FITS:
            raise MemoryError(f"{weight / 1e9:.1f} billion parameters, still")
        with torch.device(device), no_init_weights():
            model = build(config, kind)
        for parameter in model.parameters():
            parameter.data.zero_()
    model.eval()
    for name, module in model.named_modules():
        # Which experts are chosen cannot be looked up; DBRX's router is made for another width than it is given (modeling_dbrx.py).
        if name.endswith("experts") and not isinstance(module, torch.nn.ModuleList) or type(module).__name__ in ("DbrxFFN", "GraniteMoeMoE", "GraniteMoeSharedMoE", "GraniteMoeHybridMoE"):
            module.forward = lambda hidden, *_, **__: hidden
    try:
        by, passes = _passes(model, lengths, device)
    except (TypeError, ValueError):  # no answer without an image: its language model has one
        model = next((module for name, module in model.named_modules() if name in _LANGUAGE), None)
        if model is None:
            raise
        by, passes = _passes(model, lengths, device)
    rows, types = _rows([own for own, _ in passes], lengths)
    if not any(row[2] or row[3] for row in rows):
        raise LookupError("keeps nothing in its cache")
    answer = {"madeBy": by, "layers": rows, "types": types,
              "bytesPerToken": _whole(sum(row[0] * row[2] for row in rows)), "constantBytes": _whole(sum(row[0] * row[3] for row in rows))}
    crossed = [sum(size for size, _ in layer.values()) for _, layer in passes[-1][1]]
    if any(crossed):
        answer["bytesPerEncodedToken"] = _whole(sum(crossed) / _ENCODED)
    return answer


def measure(build, configure, seconds):
    """build(config, dtype) makes a model, configure() a configuration of its own for each attempt: without memory first, else with little.

    In fp32 only what refuses bf16, as it mixes types. Without memory nothing refuses that: CTRL's fp32 cache is one that no device has seen.
    """
    masks.is_tracing = lambda *_, **__: True  # no look into a mask's values
    signal.signal(signal.SIGVTALRM, _late)
    errors = []
    for device, kind in (("meta", torch.bfloat16), ("cpu", torch.bfloat16), ("cpu", torch.float32)):
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
            config = configure()
            shrunk = smaller.shrink(config) if device == "cpu" else None
            answer = _attempt(build, config, device, kind)
            return answer | ({"shrunk": shrunk} if shrunk else {})
        except Exception as error:
            errors.append(f"{device}: {type(error).__name__}: {str(error)[:200]}")
            if device == "cpu" and "type" not in str(error):
                break
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    raise RuntimeError("; ".join(errors))
