namespace GpuMem.Estimation.Buffers;

/// <summary>Memory of the process outside the allocator.</summary>
internal static class ProcessOverhead
{
    /// <summary>CUDA context, modules loaded lazily and cuBLAS workspaces: 0.6 GiB expected, 1.0 at most (pytorch PR 86509, PR 120925).</summary>
    public static readonly Amount CudaContext = new(Bytes.PerGiB * 6 / 10, Bytes.PerGiB);

    // Per communicator: 0.4 GiB expected, 0.7 at most (NVIDIA/nccl issues 864 and 964).
    public static readonly Amount PerCommunicator = new(Bytes.PerGiB * 4 / 10, Bytes.PerGiB * 7 / 10);

    // All-to-all opens channels to every peer: 1.1 GiB became 4.3 on 8 GPUs with 32 channels (NVIDIA/nccl issue 1685).
    private static readonly Amount AllToAll = new(Bytes.PerGiB, Bytes.PerGiB * 33 / 10);

    /// <summary>One communicator per dimension of parallelism in use.</summary>
    public static int Communicators(ParallelismSpec parallelism) =>
        One(parallelism.Data) + One(parallelism.Tensor) + One(parallelism.Pipeline) + One(parallelism.Context) + One(parallelism.Expert);

    public static Amount Nccl(ParallelismSpec parallelism)
    {
        var count = Communicators(parallelism);
        var exchange = parallelism is { Expert: > 1, ExpertDispatch: ExpertDispatch.AllToAll } ? AllToAll : default;
        return new Amount(count * PerCommunicator.Expected, count * PerCommunicator.Upper) + exchange;
    }

    public static Explanation ExplainContext() => new(
        "context + libraries", $"{Text.GiB(CudaContext.Expected)}, at most {Text.GiB(CudaContext.Upper)}", "pytorch PR 86509 (lazy module loading), PR 120925 (cuBLAS workspaces)");

    /// <param name="communicators">One per dimension of parallelism in use.</param>
    /// <param name="all">What they come to, with the channels of an all-to-all if there is one.</param>
    public static Explanation ExplainNccl(int communicators, Amount all)
    {
        var buffers = new Explanation("communicators × buffer", $"{communicators} × {Text.GiB(PerCommunicator.Expected)}", "NVIDIA/nccl issues 864 and 964");
        var channels = all.Expected - (communicators * PerCommunicator.Expected);
        return channels == 0 ? buffers : buffers + new Explanation("channels of an all-to-all", Text.GiB(channels), "NVIDIA/nccl issue 1685");
    }

    private static int One(int degree) => degree > 1 ? 1 : 0;
}
