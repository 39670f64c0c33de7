using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Speed;

/// <summary>How long the steps of one layout take on a number of GPUs, whatever is recomputed and however many sequences a rank works on at once.</summary>
internal readonly record struct LayoutTime
{
    private const double SelectiveRecompute = 1.1;

    /// <summary>Seconds of one sequence on one stage but for its routed experts, nothing recomputed.</summary>
    public required double Compute { get; init; }

    /// <summary>Seconds of its routed experts, if their matrices were large.</summary>
    public double Experts { get; init; }

    /// <summary>By how much a pass is longer that begins with the forward pass again.</summary>
    public required double Again { get; init; }

    /// <summary>How many times an expert's matrices are too narrow for the GPU to be as fast as it can, however many tokens they have.</summary>
    public double Narrow { get; init; }

    /// <summary>How many times they have too few tokens for that, where a rank works on one sequence.</summary>
    public double Few { get; init; }

    /// <summary>Seconds in which the ranks that share a layer exchange one sequence.</summary>
    public required double Exchange { get; init; }

    /// <summary>Seconds in which a stage's weights are gathered, once for each micro-batch; zero where every rank has them.</summary>
    public double Gather { get; init; }

    /// <summary>Seconds in which gradients are reduced, once in a step; zero where that is done for each micro-batch.</summary>
    public double Reduce { get; init; }

    /// <summary>Seconds in which states come from the host and go back, once in a step.</summary>
    public double Offload { get; init; }

    /// <summary>Micro-batches in whose time the pipeline of a step stands idle.</summary>
    public required double Idle { get; init; }

    /// <summary>Sequences of one copy of the model in a step; null where they are one micro-batch, whatever its size.</summary>
    public required double? Sequences { get; init; }

    /// <summary>Tokens of a sequence.</summary>
    public required long Length { get; init; }

    /// <summary>Copies of the model.</summary>
    public required long Copies { get; init; }

    /// <summary>One copy of the model by itself: others beside it make none faster.</summary>
    /// <param name="mostSequences">Of a micro-batch: no expert has more tokens.</param>
    public LayoutTime Alone(long mostSequences) => this with
    {
        Gather = 0,
        Reduce = 0,
        Offload = 0,
        Copies = 1,
        Sequences = Sequences * Copies,
        Compute = Compute + (Experts * Slower(mostSequences)),
        Experts = 0,
    };

    /// <summary>Tokens of all GPUs together.</summary>
    public double TokensPerSecond(Recompute recompute, long microBatchSize)
    {
        var compute = microBatchSize * (Compute + (Experts * Slower(microBatchSize))) * recompute switch
        {
            Recompute.Full => Again,
            Recompute.Selective => SelectiveRecompute,
            _ => 1,
        };
        var batches = Sequences is { } sequences ? Math.Max(1, sequences / microBatchSize) : 1;
        var slot = compute + (microBatchSize * Exchange) + Math.Max(0, Gather - compute);
        var step = (batches + Idle) * slot + Math.Max(0, Reduce - (compute * 2 / 3)) + Offload;
        return batches * microBatchSize * Length * Copies / step;
    }

    /// <summary>A product of matrices takes its operations or the reading of its sides, whichever is longer (roofline model, doi 10.1145/1498765.1498785).</summary>
    private double Slower(long sequences) => Math.Max(1, Narrow + (Few / sequences));
}
