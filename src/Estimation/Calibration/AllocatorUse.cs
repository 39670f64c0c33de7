namespace GpuMem.Estimation.Calibration;

/// <summary>The ways in which jobs use PyTorch's caching allocator; each makes it reserve a share of its own beyond what is used.</summary>
public enum AllocatorUse
{
    /// <summary>One GPU or plain replicas: nothing is gathered or divided.</summary>
    Undivided,

    /// <summary>FSDP 1 trains all weights and gathers them into flat buffers.</summary>
    FlatParameters,

    /// <summary>FSDP 1 trains adapters and gathers the frozen weights into flat buffers.</summary>
    FlatParametersWithAdapters,

    /// <summary>FSDP 2 gathers each parameter into a tensor of its own.</summary>
    TensorPerParameter,

    /// <summary>FSDP 2 gathers each parameter into a tensor of its own, and the layers are compiled.</summary>
    CompiledTensorPerParameter,

    /// <summary>The engine of DeepSpeed, with any stage of ZeRO.</summary>
    DeepSpeed,

    /// <summary>Megatron-LM and what is built on its core.</summary>
    Megatron,

    /// <summary>Hugging Face's Nanotron.</summary>
    Nanotron,

    /// <summary>Segments grow (PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True), so that buffers of many sizes share them.</summary>
    ExpandableSegments,

    /// <summary>A model that answers without an engine which claims its memory at start.</summary>
    Serving,
}
