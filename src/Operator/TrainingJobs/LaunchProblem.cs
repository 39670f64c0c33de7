namespace GpuMem.Operator.TrainingJobs;

/// <summary>Why a job that may run was not launched.</summary>
/// <param name="Cause">What will pass by itself; null when somebody has to do something.</param>
internal sealed record LaunchProblem(string Reason, string Message, KubernetesException? Cause = null)
{
    public static LaunchProblem NameTaken(string kind, string? name) =>
        new("NameTaken", $"a {kind} named '{name}' exists and is not this TrainingJob's: delete it or give the TrainingJob another name");

    public static LaunchProblem Failed(KubernetesException failure) =>
        new("LaunchFailed", $"the API server could not take what spec.template makes, and is asked again: {failure.Message}", failure);

    public static LaunchProblem Refused(KubernetesException refusal) => new("LaunchRefused", $"the API server refused what spec.template makes: {refusal.Message}");
}
