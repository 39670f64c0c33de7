namespace GpuMem.Serving;

/// <summary>The one way into estimates of serving.</summary>
public static class InferenceEstimator
{
    private static readonly JobProblem TooLarge = new(
        "inference", "serving needs more than 8 EiB per GPU, which no number here can hold; reduce inputLength, batch or the model");

    /// <summary>Every reason why <paramref name="spec"/> cannot be; empty when it can.</summary>
    public static IReadOnlyList<JobProblem> Validate(InferenceSpec spec)
    {
        _ = Checked(spec, known => Describe(known), out var problems);
        return problems;
    }

    /// <summary>Memory of the most loaded rank that holds <see cref="InferenceSpec.Batch"/> sequences; engines that take a share of the GPU fill what is left with more cache.</summary>
    /// <exception cref="InvalidJobException">The spec has problems, see <see cref="Validate"/>, or its size leaves 63 bits.</exception>
    public static Estimate Estimate(InferenceSpec spec) => Checked(spec, known => Describe(known));

    /// <summary>The same of one rank of a pipeline.</summary>
    /// <param name="stage">Its stage, from 0.</param>
    /// <exception cref="InvalidJobException">As above.</exception>
    public static Estimate Estimate(InferenceSpec spec, int stage) => Checked(spec, known => Describe(known, stage));

    /// <summary>How much cache, how many sequences and how long a sequence one server can hold.</summary>
    /// <param name="gpuMemory">Memory that a process can see on each GPU.</param>
    /// <exception cref="InvalidJobException">As for an estimate.</exception>
    public static InferenceCapacity Capacity(InferenceSpec spec, Bytes gpuMemory) => Checked(spec, known => CapacitySearch.Of(known, gpuMemory.Value));

    private static T Checked<T>(InferenceSpec spec, Func<InferenceSpec, T> compute)
        where T : class => Checked(spec, compute, out var problems) ?? throw new InvalidJobException(problems);

    private static T? Checked<T>(InferenceSpec spec, Func<InferenceSpec, T> compute, out IReadOnlyList<JobProblem> problems)
        where T : class
    {
        problems = InferenceRules.Check(spec);
        try
        {
            return problems.Count > 0 ? null : compute(spec);
        }
        catch (OverflowException)
        {
            problems = [TooLarge];
            return null;
        }
    }

    private static Estimate Describe(InferenceSpec spec, int? stage = null)
    {
        var peak = ServedPeak.Of(spec, stage);
        var assumptions = ServedAssumptions.Of(spec);
        return new Estimate
        {
            Terms = new ServingTerms(spec, peak.Stage, peak.Phase, peak.Unexplained),
            Expected = new Bytes(peak.Expected),
            UpperBound = new Bytes(peak.Upper),
            LowerBound = new Bytes(peak.Least),
            Needed = new Bytes(spec.StorageIsKnown ? peak.Needed : peak.Least),
            Allocated = new Bytes(peak.Allocated),
            AllocatedUpperBound = new Bytes(peak.AllocatedUpper),
            Reserved = new Bytes(peak.Reserved),
            ReservedUpperBound = new Bytes(peak.ReservedUpper),
            AllocatorUse = EngineOverheads.Serves(spec.Engine) ? null : AllocatorUse.Serving,
            PeakPhase = peak.Phase,
            WorstPipelineStage = peak.Stage,
            Confidence = Assumptions.ConfidenceUnder(assumptions),
            Assumptions = ServedAssumptions.Texts(assumptions, spec),
            Model = spec.Model,
        };
    }
}
