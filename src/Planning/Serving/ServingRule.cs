using System.Globalization;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Models;

namespace GpuMem.Planning.Serving;

/// <summary>Would the engine start on such GPUs and serve this context? The only place where a verdict about serving is made.</summary>
public static class ServingRule
{
    /// <summary>On the smallest of a pool's GPUs, but for a rejection, which every GPU must agree to, and which no guess ever leads to.</summary>
    /// <param name="server">One replica, with everything filled in.</param>
    /// <param name="estimate">What it needs on its most loaded GPU.</param>
    /// <param name="pool">The GPUs.</param>
    /// <param name="occupied">What others hold of each when the engine starts.</param>
    /// <param name="headroomPercent">Part of each GPU, 0 to 99, that must stay free for <see cref="Verdict.Fits"/>. It never turns a fit into a rejection.</param>
    /// <param name="isGuess">It would be refused if what is guessed of the model were known.</param>
    public static Verdict Decide(InferenceSpec server, Estimate estimate, Pool pool, Bytes occupied, int headroomPercent, out bool isGuess)
    {
        isGuess = false;
        if (pool.Unknown is not null || Seen(pool, occupied) is not var (usable, held))
            return Verdict.Unknown;
        var verdict = Decide(server, estimate, usable, held, headroomPercent);
        if (!verdict.Rejects())
            return verdict;
        if (pool.LargestMemory is { } largest && !Decide(server, estimate, largest, occupied, headroomPercent).Rejects())
            return Verdict.AtRisk;
        isGuess = IsGuessed(server.Model) || (server.Draft is { } draft && IsGuessed(draft.Model));
        return isGuess ? Verdict.Unknown : verdict;
    }

    /// <summary>
    /// What an engine sees of a pool's GPU, and what others hold of that when it starts: the host among them, where the memory is the host's too
    /// (vllm-project/vllm#56824). Null where the memory is not known.
    /// </summary>
    public static (Bytes Memory, Bytes Occupied)? Seen(Pool pool, Bytes occupied) => pool switch
    {
        { UsableMemory: null } => null,
        { SharesMemoryWithHost: true, LargestMemory: { } all } when all > pool.UsableMemory.Value => (all, occupied + (all - pool.UsableMemory.Value)),
        _ => (pool.UsableMemory.Value, occupied),
    };

    /// <summary>Why the engine refuses such a GPU, whatever the model needs; null when it does not.</summary>
    /// <remarks>vLLM ends at once when less than its share is free (vllm/v1/worker/gpu_worker.py, init_device).</remarks>
    public static string? EngineProblem(InferenceSpec server, Bytes usable, Bytes occupied)
    {
        if (Claimed(server) is not { } share)
            return null;
        if (occupied == Bytes.Zero)
            return FreeAtStart.Wanted(server, usable) is { } wanted && wanted > FreeAtStart.Most(usable)
                ? string.Create(CultureInfo.InvariantCulture, $"{server.Engine} wants {share * 100:0.#} % of it free at start; its context leaves {FreeAtStart.Most(usable)}")
                : null;
        var claimed = ShareOf(share, usable);
        return claimed > FreeOf(usable, occupied)
            ? string.Create(CultureInfo.InvariantCulture, $"{server.Engine} claims {share * 100:0.#} % of it, {claimed}, and others hold {occupied}")
            : null;
    }

    /// <summary>What one replica holds on GPUs of which others hold a part.</summary>
    public static InferenceCapacity Capacity(InferenceSpec server, Bytes usable, Bytes occupied) =>
        InferenceEstimator.Capacity(server, Claimed(server) is null ? FreeOf(usable, occupied) : usable);

    /// <summary>The largest share, in hundredths, that others, or else its own context, leave of a GPU; zero when none.</summary>
    public static decimal FreeShare(Bytes usable, Bytes occupied) => usable == Bytes.Zero ? 0
        : decimal.Floor((decimal)(occupied == Bytes.Zero ? FreeAtStart.Surely(usable) : FreeOf(usable, occupied)).Value / usable.Value * 100) / 100;

    /// <summary>An engine with pages starts when one sequence of the length asked for fits; more wait for their turn.</summary>
    internal static bool HoldsOne(InferenceCapacity capacity) => capacity.Cache > Bytes.Zero && capacity.Sequences >= 1;

    /// <summary>
    /// It starts without room for one sequence of the length asked for, and serves shorter ones: TensorRT-LLM reduces its length with a warning
    /// (_torch/pyexecutor/resource_manager.py, get_max_atten_window_upper_bound; TrtGptModelInflightBatching), SGLang refuses longer requests
    /// (sglang/srt/managers/tp_worker.py, max_req_len).
    /// </summary>
    internal static bool HoldsLess(InferenceSpec server, InferenceCapacity capacity) =>
        server.Engine is InferenceEngine.TensorRTLLM or InferenceEngine.SGLang && capacity is { Sequences: 0, MaxContext: > 0 };

    private static Verdict Decide(InferenceSpec server, Estimate estimate, Bytes usable, Bytes occupied, int headroomPercent)
    {
        if (EngineProblem(server, usable, occupied) is not null)
            return Verdict.DoesNotFit;

        // What takes memory as it goes, as transformers does, needs that of all its sequences.
        if (estimate.AllocatorUse is not null)
            return VerdictRule.Decide(estimate, FreeOf(usable, occupied), headroomPercent) is var verdict && verdict.Rejects() ? Refusal(estimate, usable) : verdict;
        var most = Capacity(Favourable(server), usable, occupied);
        if (!HoldsOne(most))
            return HoldsLess(server, most) ? Verdict.AtRisk : Refusal(estimate, usable);
        return StartsForSure(server, usable, occupied) && FreeAtStart.LeavesRoomBesideShare(server, usable) && HoldsAllForSure(server, estimate, WithHeadroom(usable, headroomPercent), occupied) ? Verdict.Fits : Verdict.AtRisk;
    }

    /// <summary>Weights stay what they are, however long the context: with those alone being more, no setting of the cache helps.</summary>
    private static Verdict Refusal(Estimate estimate, Bytes usable) => Of(estimate, TermKind.Weights) > usable ? Verdict.Impossible : Verdict.DoesNotFit;

    private static Bytes Of(Estimate estimate, TermKind kind) => estimate.Terms.FirstOrDefault(term => term.Kind == kind)?.Expected ?? Bytes.Zero;

    /// <summary>Graphs are captured beside the engine's share in some versions and within it in others (vLLM: since 0.21): who does not start without them never starts.</summary>
    private static InferenceSpec Favourable(InferenceSpec server) => server with { CudaGraphs = false };

    /// <summary>Even where its context is as large as contexts are.</summary>
    internal static bool StartsForSure(InferenceSpec server, Bytes usable, Bytes occupied) =>
        occupied > Bytes.Zero || !(FreeAtStart.Wanted(server, usable) > FreeAtStart.Surely(usable));

    /// <summary>All sequences at once, at their full length, even if everything beside the cache needs the most that it may.</summary>
    private static bool HoldsAllForSure(InferenceSpec server, Estimate estimate, Bytes memory, Bytes occupied)
    {
        var capacity = Capacity(server, memory, occupied);
        return HoldsOne(capacity) && capacity.Fits && capacity.Cache >= Of(estimate, TermKind.KeyValueCache) + (estimate.UpperBound - estimate.Expected);
    }

    private static bool IsGuessed(ModelArchitecture model) => model.UnknownFamily is not null || model.UnknownStorage is not null || model.UnreadFields.Count > 0 || model.Knowledge == ModelKnowledge.ParameterCountOnly;

    private static decimal? Claimed(InferenceSpec server) => EngineDefaults.MemoryFraction(server);

    private static Bytes ShareOf(decimal share, Bytes memory) => new((long)decimal.Floor(share * memory.Value));

    private static Bytes FreeOf(Bytes usable, Bytes occupied) => usable > occupied ? usable - occupied : Bytes.Zero;

    private static Bytes WithHeadroom(Bytes memory, int percent) => new((long)((Int128)memory.Value * (100 - percent) / 100));
}
