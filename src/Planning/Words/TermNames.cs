using GpuMem.Estimation;

namespace GpuMem.Planning.Words;

/// <summary>The terms of an estimate in the words people use for them.</summary>
public static class TermNames
{
    public static string Of(TermKind kind) => kind switch
    {
        TermKind.Weights => "weights",
        TermKind.MasterWeights => "master weights",
        TermKind.Gradients => "gradients",
        TermKind.OptimizerStates => "optimizer states",
        TermKind.Adapters => "adapters",
        TermKind.MovingAverage => "moving average of the weights",
        TermKind.ReferenceModel => "reference model",
        TermKind.ValueModel => "value model",
        TermKind.RewardModel => "reward model",
        TermKind.KeyValueCache => "key-value cache",
        TermKind.GatheredParameters => "gathered parameters",
        TermKind.Activations => "activations",
        TermKind.Recomputation => "recomputed layer",
        TermKind.Logits => "logits and loss",
        TermKind.CommunicationBuffers => "communication buffers",
        TermKind.OptimizerTemporaries => "optimizer temporaries",
        TermKind.CudaGraphs => "CUDA graphs",
        TermKind.Fragmentation => "allocator cache",
        TermKind.CudaContext => "CUDA context and libraries",
        TermKind.Nccl => "NCCL",
        _ => kind.ToString(),
    };
}
