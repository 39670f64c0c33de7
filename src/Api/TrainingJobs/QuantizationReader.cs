using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Turns a format of weights and its group size into what the estimator takes.</summary>
internal static class QuantizationReader
{
    /// <returns>Null when nothing is given, or <paramref name="problems"/> has one entry more.</returns>
    public static QuantizationSpec? Read(QuantizationSettings? settings, string path, List<JobProblem> problems)
    {
        if (settings is null)
            return null;
        if (settings.Scheme is { } scheme)
            return new QuantizationSpec(scheme, settings.GroupSize);
        problems.Add(new JobProblem($"{path}.scheme", $"is needed: one of {string.Join(", ", Enum.GetNames<QuantizationScheme>())}"));
        return null;
    }
}
