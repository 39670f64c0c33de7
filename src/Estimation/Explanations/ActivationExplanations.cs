using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Programs;
using static GpuMem.Estimation.Explanations.Text;

namespace GpuMem.Estimation.Explanations;

/// <summary>Activations, in words.</summary>
internal static class ActivationExplanations
{
    public static Explanation Stored(in RankContext rank, Phase phase)
    {
        var activations = new ActivationMemory(rank);
        if (phase == Phase.BackwardEnd)
            return OneLayer(rank);
        var symbols = rank.Training.Recompute == Recompute.Full ? "β · h · T · layers · in flight" : "c · T · layers · in flight";
        return new(
            symbols,
            $"{PerToken(activations.KeptPerToken, activations.HiddenParts)} · {N(rank.Tokens)} · {N(rank.Stage.Layers)} · {N(activations.InFlight)}{Mixed(rank)}",
            rank.Training.Recompute == Recompute.Full ? "inputs of layers only, arXiv 1604.06174" : Source(activations.Kernels, rank));
    }

    public static Explanation OneLayer(in RankContext rank)
    {
        var activations = new ActivationMemory(rank);
        return new("c · T", $"{PerToken(activations.PerToken, activations.HiddenParts)} · {N(rank.Tokens)}", Source(activations.Kernels, rank));
    }

    private static string Mixed(in RankContext rank) => rank.Kinds[LayerKind.Dense] == rank.Stage.Layers || rank.Kinds[LayerKind.Experts] == rank.Stage.Layers
        ? ""
        : " for the heaviest kind of layer; the others keep their own";

    private static string PerToken(TokenBytes bytes, int hiddenParts) => hiddenParts > 1
        ? $"({N(bytes.Hidden)} / {N(hiddenParts)} + {N(bytes.Local)} B)"
        : $"{N(bytes.Hidden + bytes.Local)} B";

    private static string Source(KernelFusion kernels, in RankContext rank) => rank.IsAdapted
        ? "what frozen layers keep for adapters; peft, arXiv 2106.09685"
        : kernels switch
        {
            KernelFusion.Fused => "arXiv 2205.05198, section 4.1, for grouped queries, gated feed-forward and flash attention",
            KernelFusion.Eager => "huggingface/transformers modules, one tensor per step; arXiv 2205.05198, section 4.1",
            _ => "halfway between fused and eager kernels; arXiv 2205.05198, section 4.1",
        };
}
