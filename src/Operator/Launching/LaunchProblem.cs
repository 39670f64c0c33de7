namespace GpuMem.Operator.Launching;

/// <summary>Why a job or server that may run was not launched.</summary>
/// <param name="Cause">What will pass by itself; null when somebody has to do something.</param>
internal sealed record LaunchProblem(string Reason, string Message, KubernetesException? Cause = null)
{
    public static LaunchProblem NameTaken(string kind, string? name, string owner = "TrainingJob") =>
        new("NameTaken", $"a {kind} named '{name}' exists and is not this {owner}'s: delete it or give the {owner} another name");

    public static LaunchProblem SeveralPods(long gpus, long pods) => new(
        "SeveralPods",
        $"one replica has {gpus} GPUs in {pods} pods, and a Deployment has single ones: launch it yourself, as a LeaderWorkerSet for example, and name that in targetRef");

    public static LaunchProblem Failed(KubernetesException failure) =>
        new("LaunchFailed", $"the API server could not take what spec.template makes, and is asked again: {failure.Message}", failure);

    public static LaunchProblem Refused(KubernetesException refusal) => new("LaunchRefused", $"the API server refused what spec.template makes: {refusal.Message}");
}
