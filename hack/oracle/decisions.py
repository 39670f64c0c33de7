"""What torch and transformers decide by looking at a GPU or into a tensor, decided as on a GPU: fake tensors cannot be looked into."""
import torch
import transformers.integrations.moe as experts
import transformers.masking_utils as masks

_aten = torch.ops.aten
_given = torch.nn.functional.scaled_dot_product_attention
_random = torch.rand
_product = experts._grouped_mm
_ignores = masks._ignore_causal_mask_sdpa


def _attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    """aten/src/ATen/native/transformers/cuda/sdp_utils.cpp: flash for 16 bits without a mask, else the memory-efficient one."""
    if torch.is_autocast_enabled("cuda"):
        query, key, value = (tensor.to(torch.bfloat16) for tensor in (query, key, value))
        if attn_mask is not None and attn_mask.dtype != torch.bool:
            attn_mask = attn_mask.to(torch.bfloat16)
    narrow = query.dtype in (torch.bfloat16, torch.float16)
    if attn_mask is None and narrow and query.shape[-1] == value.shape[-1] and query.shape[-1] <= 256:
        return _aten._scaled_dot_product_flash_attention(query, key, value, dropout_p, is_causal, False, scale=scale)[0]
    if query.shape[1] != key.shape[1] and attn_mask is not None:
        return _given(query, key, value, attn_mask=attn_mask, dropout_p=dropout_p, is_causal=is_causal, scale=scale, enable_gqa=enable_gqa)
    bias = attn_mask
    if bias is not None:
        if bias.dtype == torch.bool:
            empty = {"dtype": query.dtype, "device": query.device}
            bias = torch.where(bias, torch.zeros((), **empty), torch.full((), float("-inf"), **empty))
        bias = bias.expand(query.shape[0], query.shape[1], query.shape[2], key.shape[2])
    return _aten._scaled_dot_product_efficient_attention(query, key, value, bias, True, dropout_p, is_causal, scale=scale)[0]


class _ExpertProduct(torch.autograd.Function):
    """A grouped product in fp32, for which torch has a kernel on GPUs and no rule for fake tensors."""

    @staticmethod
    def forward(context, given, weight):
        context.save_for_backward(given, weight)
        return given.new_empty(given.shape[0], weight.shape[-1])

    @staticmethod
    def backward(context, gradient):
        given, weight = context.saved_tensors
        return torch.empty_like(given), torch.empty_like(weight)


def _grouped(given, weight, offs):
    if weight.dtype == torch.float32:
        return _ExpertProduct.apply(given.to(weight.dtype), weight)
    return _product(given, weight, offs)


def emulate(padded):
    """Masks that hide nothing are left out, also those that a model makes itself; layers are never dropped (OPT draws a number for each)."""
    torch.nn.functional.scaled_dot_product_attention = _attention
    masks.is_tracing = lambda *_: False
    masks.find_packed_sequence_indices = lambda *_, **__: None
    experts._grouped_mm = _grouped
    torch.rand = lambda *sizes, **kwargs: 1.0 if sizes == ([],) else _random(*sizes, **kwargs)
    masks._ignore_causal_mask_sdpa = (lambda *_, **__: False) if padded else lambda _, *rest, **named: _ignores(None, *rest, **named)
