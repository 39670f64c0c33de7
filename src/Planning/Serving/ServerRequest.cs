using GpuMem.Estimation;
using GpuMem.Serving;

namespace GpuMem.Planning.Serving;

/// <summary>A model server with what its author left open, and where it may run.</summary>
public sealed record ServerRequest
{
    /// <summary>One replica; what is open of it the planner fills in.</summary>
    public required InferenceSpec Spec { get; init; }

    /// <summary>The engine chooses the tokens of one forward pass by the GPU that it finds.</summary>
    public bool BatchedTokensAreAuto { get; init; }

    /// <summary>The engine chooses the sequences of one forward pass likewise.</summary>
    public bool SequencesOfPassAreAuto { get; init; }

    /// <summary>The planner chooses the tensor parallel size: the smallest that is good enough.</summary>
    public bool TensorIsAuto { get; init; }

    /// <summary>The prompt's length is stated, and not that of prompt and output together.</summary>
    public bool PromptIsStated { get; init; }

    /// <summary>GPUs of one pod, when its author fixed them; null leaves them to the planner.</summary>
    public int? GpusPerPod { get; init; }

    /// <summary>GPUs of all pods that together are one replica, where that is counted; null where each pod is one by itself, or nobody has counted.</summary>
    public long? GpusOfPods { get; init; }

    /// <summary>Pods join until they have the GPUs of a replica: workers of a Ray cluster, or a LeaderWorkerSet that is made of the template.</summary>
    public bool PodsJoin { get; init; }

    /// <summary>Names of the pools the server may use; empty means any.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    public Objective Objective { get; init; } = Objective.Cost;

    /// <summary>Part of each GPU that should stay free, 0 to 99.</summary>
    public int HeadroomPercent { get; init; }

    /// <summary>Of each GPU, what others hold when the engine starts.</summary>
    public Bytes OccupiedMemory { get; init; }

    /// <summary>Tokens of one sequence, prompt and output.</summary>
    public long ContextLength => Spec.InputLength + Spec.OutputLength;
}
