using GpuMem.Api.Cluster;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;
using GpuMem.Planning;
using GpuMem.Planning.Words;

namespace GpuMem.Api.Decisions;

/// <summary>
/// What the commands of a workload that nobody describes came to, where <see cref="CommandReview"/> has nothing to warn of: that it fits, or why that cannot be
/// told. A cluster says none of it; who asks on a terminal wants to know whether anything was understood.
/// </summary>
public static class CommandNotes
{
    /// <summary>Words, and letters, of a command that are repeated.</summary>
    private const int MostWords = 4, MostLetters = 60;

    /// <summary>Words that are not understood and are named.</summary>
    private const int MostNamed = 5;

    /// <summary>Containers of a pod that are named; most have one that asks for GPUs.</summary>
    private const int MostContainers = 3;

    /// <param name="workload">What nobody describes.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="cluster">The pools there are.</param>
    /// <returns>A line for each kind of pod that asks for GPUs; none where none does.</returns>
    public static IReadOnlyList<string> Of(Workload workload, string ns, IClusterState cluster) =>
        [.. CommandReview.Read(workload, ns, cluster).SelectMany(read => Of(read.Pods, read.Findings)).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> Of(WorkloadPods pods, IEnumerable<CommandFinding>? findings)
    {
        if (findings is null)
            return ["its commands are too long, or its template has not the shape of a pod: nothing of it is read"];
        var found = findings.ToList();
        if (found.Count > 0)
            return found.Select(Said);
        List<V1Container> all = [.. (pods.Spec()?.Containers ?? []).OfType<V1Container>()], asking = all.FindAll(IsAsking);
        return (asking.Count > 0 ? asking : all).Take(MostContainers).Select(Nothing);
    }

    private static bool IsAsking(V1Container container)
    {
        var alone = new V1PodSpec { Containers = [container] };
        return PodGpus.Of(alone).Count > 0 || UnknownDevice.Of(alone) is not null || container.Resources?.Claims is { Count: > 0 };
    }

    private static string Said(CommandFinding found) => found switch
    {
        { NotUnderstood: [_, ..] words } => $"{found.Said}; not understood, so that nothing is certain: {Joined(words)}",
        { NamesModel: false } => $"{found.Said}; its model is not named, or only as a path in the container",
        { Decision: { } decision } => decision.Verdict == Verdict.Invalid && decision.Problems is [var problem, ..] ? $"{found.Said}; {problem}" : $"{found.Said}: {decision.Line}",
        _ => $"{found.Said}; what length of a sequence is to be served is not known",
    };

    private static string Joined(IReadOnlyList<string> words) =>
        string.Join(", ", words.Take(MostNamed).Select(VerdictText.Short)) + (words.Count > MostNamed ? $" and {words.Count - MostNamed} more" : "");

    private static string Nothing(V1Container container)
    {
        List<string> words = [.. (container.Command ?? []).Concat(container.Args ?? []).OfType<string>()];
        if (words.Count == 0)
            return $"container {container.Name} says no command, and what image {container.Image ?? "(none)"} starts is not known";
        var said = string.Join(' ', words.Take(MostWords)).ReplaceLineEndings(" ");
        var beginning = said.Length > MostLetters ? $"{said[..MostLetters]}…" : said;
        return container.Command is [_, ..] ? $"container {container.Name} starts no engine and no training whose command is read: {beginning}"
            : $"container {container.Name} has arguments alone, and what image {container.Image ?? "(none)"} starts is not known: {beginning}";
    }
}
