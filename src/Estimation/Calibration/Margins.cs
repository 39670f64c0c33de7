namespace GpuMem.Estimation.Calibration;

/// <summary>
/// By how much upper bounds exceed what formulas give. Formulas hold bytes that follow from code or a paper; margins are put around.
/// </summary>
internal static class Margins
{
    /// <summary>Load of the busiest rank over the mean of all ranks with experts: with a balancing loss it is little more than 1.</summary>
    public static readonly Ratio UsualExpertLoad = new(11, 10);

    /// <summary>No published run without a balancing loss lies above twice the mean.</summary>
    public static readonly Ratio MostExpertLoad = new(2, 1);

    /// <summary>Weights, master copies and moments: tensors are rounded up; three published sizes of weights are within 0.2 %.</summary>
    public static Amount OfStates(in Formula formula) => Amount.WithMargin(formula.Bytes, percent: 2);

    /// <summary>Gradients and projected moments, which nobody published alone: buckets are padded.</summary>
    public static Amount OfGradients(in Formula formula) => Amount.WithMargin(formula.Bytes, percent: 5);

    /// <summary>Served weights: alignment, scales and rotary tables (KAITO's estimator adds as much; transformers 0.1 to 1.6 %).</summary>
    public static Amount OfServedWeights(long bytes) => Amount.WithMargin(bytes, percent: 2);

    /// <summary>The cache of keys and values, with tables beside it: the one cache published alone lies within 1.1 %.</summary>
    public static Amount OfCache(long bytes, long most) => new(bytes, Amount.WithMargin(most, percent: 2).Upper);

    /// <summary>The vision part of a model, whose size is guessed: no run stands behind it.</summary>
    public static Amount OfVision(long bytes) => Amount.WithMargin(bytes, percent: 25);

    /// <summary>A forward pass without gradients: versions of kernels differ.</summary>
    public static Amount OfPass(long bytes) => Amount.WithMargin(bytes, percent: 50);

    /// <summary>The largest pass of a serving engine, which few logs tell apart from its other memory.</summary>
    public static Amount OfEnginePass(long bytes) => Amount.WithMargin(bytes, percent: 100);

    /// <summary>One layer's activations: how far measured runs exceeded the formulas (docs/estimation.md, uncertainty).</summary>
    public static Percent OfActivations(TrainingSpec training) => training switch
    {
        // Dropout and casts are seldom stated: mostly runs of LitGPT.
        { Method: TrainingMethod.QLoRA, Recompute: Recompute.None } => new(125),
        { Method: TrainingMethod.LoRA, Recompute: Recompute.None } => new(115),

        // Kernels do not vary here: runs were within 4 %.
        { Framework: TrainingFramework.Megatron or TrainingFramework.Nanotron } or { FusedKernels: true } => new(106),
        _ => new(110),
    };

    /// <summary>What is certain of a job whose layers are counted as Llama's of their widths are: recurrent and sparse ones may keep less.</summary>
    public static Bytes OfOthersLayers(Bytes needed) => new(needed.Value - (needed.Value / 7));

    /// <summary>Activations of a pipeline: stages outside Megatron and Nanotron were seen to hold more than their schedule says.</summary>
    public static Percent OfPipeline(TrainingFramework framework, int stages) => stages == 1
        ? new(100)
        : framework is TrainingFramework.Megatron or TrainingFramework.Nanotron ? new(105) : new(120);

    /// <summary>Guessed dimensions are wrong by more than any formula; "7B" is 6.7 to 8.5 billion among published models.</summary>
    /// <returns>What is certain and what is not exceeded, in percent of what was computed.</returns>
    public static (int Least, int Most) OfKnowledge(ModelKnowledge knowledge) => knowledge switch
    {
        ModelKnowledge.ParameterCountOnly => (85, 140),
        ModelKnowledge.UnknownFamily => (95, 110),
        ModelKnowledge.LanguagePartOnly => (100, 107),
        ModelKnowledge.PartsOnly => (100, 105),
        _ => (100, 100),
    };
}
