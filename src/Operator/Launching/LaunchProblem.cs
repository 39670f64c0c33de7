namespace GpuMem.Operator.Launching;

/// <summary>Why a job or server that may run was not launched.</summary>
/// <param name="Cause">What will pass by itself; null when somebody has to do something.</param>
internal sealed record LaunchProblem(string Reason, string Message, KubernetesException? Cause = null)
{
    public static LaunchProblem NameTaken(string kind, string? name, string owner = "TrainingJob") =>
        new("NameTaken", $"a {kind} named '{name}' exists and is not this {owner}'s: delete it or give the {owner} another name");

    /// <summary>A replica of several pods in a cluster that does not serve LeaderWorkerSets.</summary>
    public static LaunchProblem NotServed(long gpus, long pods) => new(
        "LeaderWorkerSetsMissing",
        $"one replica has {gpus} GPUs in {pods} pods, which takes a LeaderWorkerSet, and this cluster has no such kind: install it (lws.sigs.k8s.io), or launch the pods yourself and name what makes them in targetRef");

    /// <summary>The chart was told that the operator may not.</summary>
    public static LaunchProblem SetsAreForbidden(KubernetesException refusal) => new(
        "LaunchForbidden",
        $"one replica has several pods, and the operator may not make LeaderWorkerSets: install the chart with operator.leaderWorkerSets=true, or launch the pods yourself and name what makes them in targetRef: {refusal.Message}");

    /// <summary>Pods of a LeaderWorkerSet are alike.</summary>
    public static LaunchProblem Uneven(long gpus, int ofPod) => new(
        "UnevenPods",
        $"one replica has {gpus} GPUs, which pods of {ofPod} do not make: let template ask for a number that divides them, or for none");

    /// <summary>What serves is not taken away to make room for what may yet fail.</summary>
    public static LaunchProblem OtherKind(string before, string? name, string now, long gpus, long pods) => new(
        "OtherKind",
        $"{before} '{name}' runs what the spec said before, and a replica of {gpus} GPUs in {pods} pod{(pods == 1 ? "" : "s")} takes a {now}: delete the {before}, and it is launched");

    public static LaunchProblem Failed(KubernetesException failure) =>
        new("LaunchFailed", $"the API server could not take what spec.template makes, and is asked again: {failure.Message}", failure);

    public static LaunchProblem Refused(KubernetesException refusal) => new("LaunchRefused", $"the API server refused what spec.template makes: {refusal.Message}");
}
