using static GpuMem.Estimation.Arithmetic.Text;

namespace GpuMem.Serving;

/// <summary>The terms of serving a model: of the most loaded stage, in the phase in which it peaks.</summary>
internal sealed class ServingTerms(InferenceSpec spec, int stage, Phase phase, long unexplained) : TermList(unexplained)
{
    protected override TermAmounts Amounts()
    {
        _ = new ServedMemory(new ServedRank(spec, stage)).In(phase, out var terms);
        return terms;
    }

    public override Explanation Explain(TermKind kind)
    {
        var rank = new ServedRank(spec, stage);
        return kind switch
        {
            TermKind.Weights => Weights(rank),
            TermKind.KeyValueCache => Cache(new KeyValueCache(rank)),
            TermKind.Adapters => new(
                "2 B · slots · Σ r · (in + out)",
                $"2 B · {spec.LoraSlots} · {N(EngineOverheads.LoraSlots(rank) / Math.Max(1, 2 * spec.LoraSlots))}",
                "vllm/lora, slots allocated at start; LoRA, arXiv 2106.09685"),
            TermKind.Activations => Activations(rank),
            TermKind.Logits => new(
                "β · b · V for the prompt's tokens",
                $"{N(spec.Batch)} · {(spec.Logits == PrefillLogits.AllTokens ? N(spec.InputLength) : "1")} · {N(rank.Vocabulary)}",
                "huggingface/transformers generation, logits cast to fp32"),
            TermKind.CudaGraphs => new("captured decoding steps", $"{GiB(EngineOverheads.CudaGraphs(spec).Expected)}, at most {GiB(EngineOverheads.CudaGraphs(spec).Upper)}", "vLLM start-up logs"),
            TermKind.Fragmentation => AllocatorSlack.Of(AllocatorUse.Serving).Explain(
                "slack % × allocated, with outgrown blocks of a cache that grows; the upper bound also covers unknown dimensions"),
            TermKind.CudaContext => ProcessOverhead.ExplainContext(),
            _ => ProcessOverhead.ExplainNccl(EngineOverheads.Communicators(spec), EngineOverheads.Nccl(spec)),
        };
    }

    private static Explanation Weights(in ServedRank rank)
    {
        var (quantised, bytes, _) = ServedWeights.Quantised(rank);
        var onHost = rank.Spec.WeightsOnHost > Bytes.Zero ? $" − {GiB(rank.Spec.WeightsOnHost.Value)} on the host" : "";
        var rest = $"{N(ElementSizes.Of(rank.Spec.Weights))} B · {N(rank.Tally.Total - rank.OnHost - quantised)}{onHost}";
        if (rank.Quantization is not { } quantization)
            return new("β · N / t", rest, "parameters of this rank");
        var each = QuantizedWeight.IsGguf(quantization.Scheme) && quantised > 0 ? new Ratio(bytes, quantised) : QuantizedWeight.Of(quantization);
        return new($"{quantization.Scheme} · N_linear + β · N_rest", $"{N(each)} B · {N(quantised)} + {rest}", "scales included; see docs/estimation.md, bytes per element");
    }

    private Explanation Cache(in KeyValueCache cache)
    {
        var prompt = phase == Phase.Prefill && spec.GrowingCache is not false && spec.Engine == InferenceEngine.HuggingFace;
        var sequence = prompt ? cache.OfSequenceWithoutWindow(spec.InputLength) : cache.OfSequence(spec.SequenceLength);
        var symbols = spec.Model switch
        {
            _ when cache.IsPooled => "block · (tokens / 256 + Σ over groups (window + T_b) / 64, of states 4 or 8)",
            { Latent: not null } when spec.Engine != InferenceEngine.HuggingFace => "L · (d_c + d_r) · β · tokens",
            { Window: not null } when !prompt => "2 · g · d · β · (L_global · tokens + L_local · window)",
            { StateSpace: not null } => "state and convolution of each sequence + 2 · L · g · d · β · tokens",
            _ => "2 · L · g · d · β · tokens",
        };
        return new(
            symbols,
            $"{N(spec.Batch)} · {N(sequence)} B, {N(cache.PerToken)} B per token, pages of {cache.Page}",
            "PagedAttention, arXiv 2309.06180; latent attention, arXiv 2405.04434; vllm/v1/kv_cache_interface.py");
    }

    private Explanation Activations(in ServedRank rank)
    {
        var shape = rank.Shape;
        if (EngineOverheads.Serves(spec.Engine))
        {
            var (pictures, kept) = PicturePass.Of(rank);
            return new(
                "max(T_b · (6h + max(6f, 4q + 4kv) / t), β · sequences · V); of experts k · (2 max(2w, h) + 2w) + 2h" + (pictures > 0 ? "; beside pictures that wait, or the pass over pictures" : ""),
                $"max({N(spec.MaxBatchedTokens)} · (6 · {N(shape.Hidden)} + …), {N(new Ratio(PassActivations.SampledHalves(spec), 2))} B · {N(spec.MaxSequences)} · {N(rank.Model.VocabularySize)}){(pictures > 0 ? $" + {GiB(kept)}, or {GiB(pictures)}" : "")}",
                "vllm/v1/worker/gpu_model_runner.py, profile_run: one layer of the largest pass, or sampling");
        }

        if (spec.Engine == InferenceEngine.LlamaCpp)
        {
            return new(
                "4 B · micro-batch · (2h + max(2f, q + 2kv)) or 4 B · slots · V, and 2 B · micro-batch · cells",
                $"{N(PassActivations.FeedForward(rank))} wide, {N(spec.SequenceLength)} tokens",
                "ggml-org/llama.cpp src/llama-context.cpp, compute buffer");
        }

        return phase == Phase.Prefill
            ? new("b · s · β · (2h + 3f)", $"{N(spec.Batch)} · {N(spec.InputLength)} · (2 · {N(shape.Hidden)} + 3 · {N(shape.FeedForward)})", "one layer without autograd, with a quantised matrix expanded")
            : new("one layer's cache written anew, or a quantised matrix expanded", $"{N(spec.Batch)} · {N(spec.SequenceLength)} tokens", "transformers DynamicCache; bitsandbytes nn/modules.py");
    }
}
