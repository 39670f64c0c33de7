using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;
using static GpuMem.Estimation.Explanations.Text;

namespace GpuMem.Estimation.Inference;

/// <summary>Memory of one GPU that serves: weights, cache, the activations of one layer and the logits.</summary>
public static class InferenceEstimator
{
    // Around a forward pass nothing is freed and taken again in other sizes.
    private const int SlackPercent = 2;

    /// <exception cref="InvalidJobException">A count is not positive, or the size leaves 63 bits.</exception>
    public static Estimate Estimate(InferenceSpec spec)
    {
        if (spec is { Sequences: > 0, PromptTokens: > 0, GeneratedTokens: >= 0, Tensor: > 0, Pipeline: > 0 } && spec.Pipeline <= spec.Model.Layers)
        {
            try
            {
                return Sum(spec);
            }
            catch (OverflowException)
            {
                throw new InvalidJobException([new JobProblem("inference", "it needs more than 8 EiB per GPU, which no number here can hold; use fewer or shorter sequences")]);
            }
        }

        throw new InvalidJobException([new JobProblem("inference", "sequences, promptTokens, tensor and pipeline must be 1 or more, pipeline at most the number of layers")]);
    }

    private static Estimate Sum(InferenceSpec spec)
    {
        var (weights, cache, logits, layer) = (Weights(spec), Cache(spec), Logits(spec), Layer(spec));
        var allocated = Add(Add(weights, cache), Add(logits, layer));

        // generate() lengthens the cache by concatenation (transformers cache_utils.py, DynamicCache): the shorter blocks stay reserved, about as much again in all.
        var left = spec.Engine == InferenceEngine.HuggingFace ? cache.Expected : Bytes.Zero;
        var slack = new Term(
            TermKind.Fragmentation,
            new Bytes(Percent(allocated.Expected, SlackPercent)) + left,
            new Bytes(Percent(allocated.UpperBound, 2 * SlackPercent)) + left,
            "ρ · allocated, and blocks that the cache has outgrown",
            $"{SlackPercent} % + {left}",
            "torch caching allocator");
        var context = Exact(TermKind.CudaContext, ProcessOverhead.CudaContext, "context and libraries", GiB(ProcessOverhead.CudaContext.Expected), "pytorch PR 86509, PR 120925");
        var nccl = ProcessOverhead.Nccl(new ParallelismSpec { Tensor = spec.Tensor });
        List<Term> terms = [weights, cache, logits, layer, slack, context, Exact(TermKind.Nccl, nccl, "communicators", GiB(nccl.Expected), "NVIDIA/nccl issues 864 and 964")];
        var reserved = Add(allocated, slack);
        return new Estimate
        {
            Terms = [.. terms.Where(term => term.UpperBound > Bytes.Zero)],
            Expected = new Bytes(terms.Sum(term => term.Expected.Value)),
            Needed = new Bytes(terms.Sum(term => term.Kind == TermKind.Fragmentation ? 0 : term.Expected.Value)),
            UpperBound = new Bytes(terms.Sum(term => term.UpperBound.Value)),
            LowerBound = weights.Expected + cache.Expected,
            Allocated = allocated.Expected,
            AllocatedUpperBound = allocated.UpperBound,
            Reserved = reserved.Expected,
            ReservedUpperBound = reserved.UpperBound,
            PeakPhase = Phase.Loss,
            WorstPipelineStage = 0,
            Confidence = Confidence.High,
            Assumptions = [],
            Parameters = spec.Model.Parameters,
        };
    }

    private static Term Weights(InferenceSpec spec)
    {
        checked
        {
            var shape = new RankShape(spec.Model, spec.Tensor);
            var lit = spec.Engine == InferenceEngine.LitGPT;

            // LitGPT runs stages one after another and keeps all that is no block, embedding and output matrix, on the first GPU.
            var stage = lit ? new PipelineStage(0, 1, 0, Ratio.DivideUp(spec.Model.Layers, spec.Pipeline)) : PipelineStage.Of(spec.Model, 0, spec.Pipeline);
            var tally = ParameterTally.Of(spec.Model, stage, shape);
            var head = stage.IsLast && !spec.Model.TiedEmbeddings ? shape.Vocabulary * shape.Hidden : 0;
            var amount = spec.Quantization is null
                ? FrozenWeights.Plain(tally, spec.Weights.Bytes())
                : FrozenWeights.Quantized(tally, FrozenWeights.PerWeight(spec.Quantization), lit ? head : 0, spec.Weights.Bytes());

            // LitGPT divides attention and feed-forward only, and expands a quantised output matrix to fp32 for its product.
            if (lit)
            {
                var elsewhere = (spec.Tensor - 1) * shape.Vocabulary * shape.Hidden;
                var quantisedHead = spec.Quantization is not null && head > 0;
                amount += Amount.Exactly(spec.Weights.Bytes() * elsewhere);
                if (head > 0)
                    amount += Amount.Exactly(quantisedHead ? FrozenWeights.PerWeight(spec.Quantization).Of(elsewhere) + (4 * (head + elsewhere)) : spec.Weights.Bytes() * elsewhere);
            }

            return Exact(TermKind.Weights, amount, "β · N", $"{N(tally.Total)} parameters", "arXiv 1909.08053 for the part of one rank");
        }
    }

    private static Term Cache(InferenceSpec spec)
    {
        checked
        {
            var tokens = spec.Engine == InferenceEngine.VLLM ? KeyValueCache.Paged(spec.TokensPerSequence) : spec.TokensPerSequence;
            var bytes = Ratio.DivideUp(KeyValueCache.Bytes(spec.Model, spec.KeyValues, spec.Sequences, tokens, spec.Tensor), spec.Pipeline);

            // A cache that grows by concatenation holds the old and the new copy of one layer at a time.
            var upper = spec.Engine == InferenceEngine.HuggingFace ? bytes + Ratio.DivideUp(bytes, spec.Model.Layers) : bytes;

            // LitGPT's scripts for several GPUs make room for the model's whole context, which is not part of an architecture: 4096 tokens in most of its models.
            if (spec.Engine == InferenceEngine.LitGPT && spec.Tensor * spec.Pipeline > 1)
                upper = Ratio.DivideUp(KeyValueCache.Bytes(spec.Model, spec.KeyValues, spec.Sequences, Math.Max(tokens, 4096), spec.Tensor), spec.Pipeline);
            return Exact(TermKind.KeyValueCache, new Amount(bytes, upper), "2 · L · g · d · β · tokens · sequences", $"{N(tokens)} · {N(spec.Sequences)}", "arXiv 2309.06180");
        }
    }

    private static Term Logits(InferenceSpec spec)
    {
        checked
        {
            var tokens = spec.LogitsOfAllTokens ? spec.Sequences * spec.PromptTokens : spec.Sequences;
            var bytes = tokens * spec.Model.VocabularySize;
            return Exact(TermKind.Logits, new Amount((spec.Weights.ActivationBytes() + 4) * bytes, 10 * bytes), "6 B · tokens · V", $"{N(tokens)} · {N(spec.Model.VocabularySize)}", "logits and their fp32 copy");
        }
    }

    private static Term Layer(InferenceSpec spec)
    {
        checked
        {
            var shape = new RankShape(spec.Model, spec.Tensor);
            var perToken = (4 * shape.Hidden) + (4 * Math.Max(shape.FeedForward, shape.ExpertSize)) + (2 * (shape.Query + (2 * shape.KeyValue)));
            var bytes = spec.Sequences * spec.PromptTokens * perToken;
            return Exact(TermKind.Activations, new Amount(bytes, 2 * bytes), "T · (4h + 4f + 2(q + 2kv))", $"{N(spec.Sequences * spec.PromptTokens)} · {N(perToken)}", "one layer at a time, without autograd");
        }
    }

    private static Term Exact(TermKind kind, Amount amount, string formula, string numbers, string source) =>
        new(kind, new Bytes(amount.Expected), new Bytes(amount.Upper), formula, numbers, source);

    private static Term Add(Term a, Term b) => new(a.Kind, a.Expected + b.Expected, a.UpperBound + b.UpperBound);

    private static long Percent(Bytes bytes, int percent) => new Ratio(percent, 100).Of(bytes.Value);
}
