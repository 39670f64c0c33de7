namespace GpuMem.Estimation.Programs;

/// <summary>What the code of one program keeps beyond what its framework makes it keep. The choices are told in docs/estimation.md.</summary>
internal sealed record CodePath
{
    /// <summary>When nobody says whether kernels are fused.</summary>
    public required KernelFusion Kernels { get; init; }

    /// <summary>The file of the program, or of what it calls, that computes the plain loss.</summary>
    public required string LossSource { get; init; }

    /// <summary>Bytes per logit of the plain loss, expected and at most, all tensors from the product to its gradient.</summary>
    public required (int Expected, int Upper) Logit { get; init; }

    /// <summary>The same with a compiled loss.</summary>
    public int? CompiledLogit { get; init; }

    /// <summary>The same per logit of one rank, when the loss is computed on a divided vocabulary.</summary>
    public int? DividedLogit { get; init; }

    /// <summary>The loss is cut into chunks of tokens one after the other, but backward starts only when all are done: every chunk's logits stay.</summary>
    public int? ChunkedLogit { get; init; }

    /// <summary>Tokens whose logits a chunked loss makes at once, each chunk computed again in backward; null where it cuts all tokens into eight.</summary>
    public int? ChunkTokens { get; init; }

    /// <summary>Log-probabilities of given tokens are made as the plain loss is, not row after row.</summary>
    public bool ScoresAsTrained { get; init; }

    /// <summary>Modules and loss are those of huggingface/transformers, which <see cref="TransformersLayer"/> counts.</summary>
    public bool IsTransformers { get; init; }

    /// <summary>Modules are Megatron Core's over Transformer Engine, which <see cref="MegatronLayer"/> counts.</summary>
    public bool IsMegatronCore { get; init; }

    /// <summary>The router's weights are applied inside experts, whose results are then not saved (Megatron Core from 0.12 on).</summary>
    public bool WeighsInsideExperts { get; init; }

    /// <summary>Tokens are put in the order of experts by one kernel, which keeps a map of every token to every expert (--moe-permute-fusion).</summary>
    public bool FusesPermutation { get; init; }

    /// <summary>Keys and values are repeated for every head before SDPA (transformers before use_gqa_in_sdpa); flash attention never needs it.</summary>
    public bool RepeatsKeysAndValues { get; init; }

    /// <summary>All experts run in one grouped product (transformers 5, integrations/moe.py); else one after the other.</summary>
    public bool GroupsExperts { get; init; }

    /// <summary>What the loop holds of the model's outputs while backward runs, when nobody says.</summary>
    public ModelOutputs Outputs { get; init; }

    /// <summary>The optimizer's step when nobody says: torch takes Foreach on a GPU, and a program may ask for another.</summary>
    public OptimizerImplementation? Step { get; init; }

    public FrozenInputs FrozenInputs { get; init; }

    /// <summary>Adapters drop out parts of their inputs unless told otherwise.</summary>
    public bool AdapterDropout { get; init; }

    /// <summary>Queries, keys and values come from one module, adapted or not as a whole.</summary>
    public bool JointQueryKeyValueAdapter { get; init; }

    /// <summary>The output matrix is quantised like those of the blocks, and expanded at so many bytes per weight when used.</summary>
    public int ExpandedHead { get; init; }

    /// <summary>An inference engine on the same GPU generates with the very weights that are trained over.</summary>
    public bool SharesEngineWeights { get; init; }

    /// <summary>Weights that quantisation leaves alone keep their type; elsewhere they become fp32.</summary>
    public bool LeavesUnquantised { get; init; }

    /// <summary>Under FSDP the input embedding is a unit of its own, divided again as soon as it has been used.</summary>
    public bool DividesEmbeddingAgain { get; init; }

    /// <summary>Gradients are accumulated before they are reduced: of whole units, though FSDP divides the weights.</summary>
    public bool AccumulatesWhole { get; init; }

    /// <summary>Inputs of column-parallel layers are gathered in forward and kept, instead of gathered again in backward.</summary>
    public bool KeepsGatheredInputs { get; init; }

    /// <summary>The joint result of the query-key-value product stays beside the rotated copies.</summary>
    public bool KeepsJointQueryKeyValue { get; init; }

    /// <summary>The result of the gate's activation function is kept beside its input and the product, although kernels are fused elsewhere.</summary>
    public bool KeepsGateActivation { get; init; }
}

/// <summary>Which inputs of frozen linear layers stay for backward although no gradient of their weights is made.</summary>
internal enum FrozenInputs
{
    /// <summary>None: autograd saves the input of a product for the weight's gradient only.</summary>
    None,

    /// <summary>Those of first products (queries, keys, values; gate, up), whose adapters share them.</summary>
    First,

    /// <summary>Adapters are fused into their block and recompute all but its input.</summary>
    Fused,
}

/// <summary>Whether the kernels of a layer are fused.</summary>
internal enum KernelFusion
{
    Fused,
    Eager,

    /// <summary>Not said and not implied by the framework: halfway is expected, eager is the upper bound.</summary>
    Unknown,
}
