namespace GpuMem.Operator.TrainingJobs;

/// <summary>Why a job that may run was not launched.</summary>
internal sealed record LaunchProblem(string Reason, string Message)
{
    public static LaunchProblem NameTaken(string kind, string? name) =>
        new("NameTaken", $"a {kind} named '{name}' exists and is not this TrainingJob's: delete it or give the TrainingJob another name");

    public static LaunchProblem Refused(KubernetesException refusal) => new("LaunchRefused", $"the API server refused what spec.template makes: {refusal.Message}");
}
