namespace GpuMem.Evaluation.Cases;

/// <summary>What a case promises beyond the types of its fields.</summary>
internal static class CaseRules
{
    public static void Check(MeasuredCase item)
    {
        var measured = item.Measured;
        var oneSided = measured.Metric is CaseMetric.Fits or CaseMetric.DoesNotFit;
        if (oneSided != measured.Gib is null)
            throw new CaseFormatException($"measured.gib: must be {(oneSided ? "null" : "a number")} for metric {measured.Metric}");
        if (measured.Gib is { } gib && !(gib > 0 && double.IsFinite(gib)))
            throw new CaseFormatException("measured.gib: must be above zero");
        if (item.Gpu.MemoryGiB is { } memory && !(memory > 0 && memory < 1e6))
            throw new CaseFormatException("gpu.memoryGiB: must be above zero, in GiB");
        if (oneSided && item.Gpu.MemoryGiB is null)
            throw new CaseFormatException($"gpu.memoryGiB: must be given for metric {measured.Metric}");
        if (item.Lora is null == item.Mode is CaseMode.LoRA or CaseMode.QLoRA)
            throw new CaseFormatException($"lora: must be given for LoRA and QLoRA and null otherwise; the mode is {item.Mode}");
        if (item.Mode == CaseMode.Inference && item.Inference is null)
            throw new CaseFormatException("inference: must be given for mode Inference");
        if (item.Sharding.ZeroStage is < 0 or > 3)
            throw new CaseFormatException("sharding.zeroStage: must lie between 0 and 3");
        var parallel = item.Parallel;
        CheckCounts(item.Model, parallel);
        if ((Int128)parallel.Tensor * parallel.Pipeline * parallel.Context * parallel.Data != parallel.Gpus)
            throw new CaseFormatException("parallel.gpus: must be tensor × pipeline × context × data");
    }

    private static void CheckCounts(CaseModel model, CaseParallel parallel)
    {
        var architecture = model.Architecture;
        Positive(model.Parameters, "model.parameters");
        Positive(architecture.HiddenSize, "model.architecture.hiddenSize");
        Positive(architecture.Layers, "model.architecture.layers");
        Positive(architecture.Heads, "model.architecture.heads");
        Positive(architecture.KvHeads, "model.architecture.kvHeads");
        Positive(architecture.VocabSize, "model.architecture.vocabSize");
        Positive(parallel.Tensor, "parallel.tensor");
        Positive(parallel.Pipeline, "parallel.pipeline");
        Positive(parallel.Context, "parallel.context");
        Positive(parallel.Data, "parallel.data");
        Positive(parallel.Expert, "parallel.expert");
        Positive(parallel.VirtualStages, "parallel.virtualStages");
    }

    private static void Positive(long count, string path)
    {
        if (count < 1)
            throw new CaseFormatException($"{path}: must be 1 or more; it is {count}");
    }
}
