using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.Explanations;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Inference;

/// <summary>The one way into estimates of serving.</summary>
public static class InferenceEstimator
{
    private static readonly JobProblem TooLarge = new(
        "inference", "serving needs more than 8 EiB per GPU, which no number here can hold; reduce inputLength, batch or the model");

    /// <summary>Every reason why <paramref name="spec"/> cannot be; empty when it can.</summary>
    public static IReadOnlyList<JobProblem> Validate(InferenceSpec spec)
    {
        var problems = InferenceRules.Check(spec);
        if (problems.Count > 0)
            return problems;
        try
        {
            _ = ServedPeak.Of(spec);
            return problems;
        }
        catch (OverflowException)
        {
            return [TooLarge];
        }
    }

    /// <summary>Memory of the most loaded rank that holds <see cref="InferenceSpec.Batch"/> sequences; engines that take a share of the GPU fill what is left with more cache.</summary>
    /// <exception cref="InvalidJobException">The spec has problems, see <see cref="Validate"/>, or its size leaves 63 bits.</exception>
    public static Estimate Estimate(InferenceSpec spec) => Checked(spec, Describe);

    /// <summary>How much cache, how many sequences and how long a sequence one server can hold.</summary>
    /// <param name="gpuMemory">Memory that a process can see on each GPU.</param>
    /// <exception cref="InvalidJobException">As for <see cref="Estimate"/>.</exception>
    public static InferenceCapacity Capacity(InferenceSpec spec, Bytes gpuMemory) => Checked(spec, known => CapacitySearch.Of(known, gpuMemory.Value));

    private static T Checked<T>(InferenceSpec spec, Func<InferenceSpec, T> compute)
    {
        var problems = InferenceRules.Check(spec);
        if (problems.Count > 0)
            throw new InvalidJobException(problems);
        try
        {
            return compute(spec);
        }
        catch (OverflowException)
        {
            throw new InvalidJobException([TooLarge]);
        }
    }

    private static Estimate Describe(InferenceSpec spec)
    {
        var peak = ServedPeak.Of(spec);
        var assumptions = Assumptions.Of(spec.Model.Knowledge);
        return new Estimate
        {
            Terms = new TermList(peak.Terms, new InferenceOrigin(spec, peak.Stage, peak.Phase)),
            Expected = new Bytes(peak.Expected),
            UpperBound = new Bytes(peak.Upper),
            LowerBound = new Bytes(peak.Least),
            Needed = new Bytes(peak.Needed),
            Allocated = new Bytes(peak.Allocated.Expected),
            AllocatedUpperBound = new Bytes(peak.Allocated.Upper),
            Reserved = new Bytes(peak.Reserved.Expected),
            ReservedUpperBound = new Bytes(peak.Reserved.Upper),
            AllocatorUse = EngineOverheads.Serves(spec.Engine) ? null : AllocatorUse.Serving,
            PeakPhase = peak.Phase,
            WorstPipelineStage = peak.Stage,
            Confidence = Assumptions.ConfidenceUnder(assumptions),
            Assumptions = Assumptions.Texts(assumptions),
            Parameters = spec.Model.Parameters,
        };
    }
}
