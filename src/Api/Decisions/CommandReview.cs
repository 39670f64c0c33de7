using GpuMem.Api.Cluster;
using GpuMem.Api.Commands;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;
using GpuMem.Planning;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;
using GpuMem.Serving;

namespace GpuMem.Api.Decisions;

/// <summary>
/// What nobody describes may still say itself, by the commands of its containers, that it cannot fit. A command is read, not run: so this warns, and never
/// refuses, and where something in a command is not understood it says nothing.
/// </summary>
public static class CommandReview
{
    /// <summary>Templates of one workload whose commands are read.</summary>
    private const int MostTemplates = 16;

    /// <summary>Characters of a pod's commands that are read: a review has no time for a megabyte of script, and nobody starts a trainer by one.</summary>
    private const int MostCharacters = 64 * 1024;

    /// <param name="workload">What nobody describes.</param>
    /// <param name="ns">Its namespace, in which the claims of its pods are.</param>
    /// <param name="cluster">The pools there are.</param>
    public static PodDecision Validate(Workload workload, string ns, IClusterState cluster) => new()
    {
        Allowed = true,
        Warnings = [.. Read(workload, ns, cluster).SelectMany(pods => pods.Findings ?? []).SelectMany(Warnings).Distinct()],
    };

    /// <summary>What the commands of a workload's pods with GPUs start; of pods whose commands are not read, null.</summary>
    /// <param name="workload">What nobody describes.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="cluster">The pools there are.</param>
    internal static IEnumerable<(WorkloadPods Pods, IEnumerable<CommandFinding>? Findings)> Read(Workload workload, string ns, IClusterState cluster)
    {
        List<WorkloadPods> asking = [.. workload.Pods.Where(pods => PodGpus.Of(pods.Pod.Spec).Count > 0 || GpuShare.Of(pods.Pod) is not null || UnknownDevice.Of(pods.Pod.Spec) is not null)];
        var together = GpusTogether.Of(workload, asking, pod => cluster.Inventory.Claims.GpusOf(pod, ns));
        return asking.Take(MostTemplates).Select(pods =>
            (pods, pods.Spec() is { } spec && !IsTooLong(spec) ? CommandFinding.Of(workload, ns, spec, GpuShare.Of(pods.Pod), together, cluster) : null));
    }

    private static bool IsTooLong(V1PodSpec spec) =>
        (spec.Containers ?? []).Concat(spec.InitContainers ?? []).Sum(container => (long)(container?.Command ?? []).Concat(container?.Args ?? []).Sum(word => word?.Length ?? 0)) > MostCharacters;

    private static IEnumerable<string> Warnings(CommandFinding found) =>
        found.NotUnderstood.Count == 0 && found.Decision is { } decision && decision.Verdict.Rejects() && decision.Best?.IsGuess != true
            ? Words(found.Said, found.ModelGuess, found.TakesFlags, decision)
            : [];

    private const string Beginning = "would not fit: ";

    /// <summary>Each line is one that the API server shows: of at most 120 characters.</summary>
    private static IEnumerable<string> Words(string said, string? guess, bool takesFlags, WorkloadDecision decision)
    {
        IEnumerable<string> lines =
        [
            Beginning + (decision is ServerDecision server ? ServerText.Line(server.Plan, VerdictText.LongestLine - Beginning.Length) : decision.Line),
            .. Fix(decision, said, takesFlags),
            .. guess is null ? Array.Empty<string>() : [guess],
        ];
        return lines.Select(VerdictText.Short);
    }

    /// <summary>
    /// What it looks like, and the first fix that is read to its end: if need be without what is in brackets before it, or on a line of its own. A change of
    /// which half is left unsaid helps nobody.
    /// </summary>
    private static string[] Fix(WorkloadDecision decision, string said, bool takesFlags)
    {
        var name = said.IndexOf(" (", StringComparison.Ordinal) is > 0 and var bracket ? said[..bracket] : said;
        var fixes = (decision is ServerDecision server && takesFlags ? server.Plan.Suggestions.Select(fix => InFlags(server, fix)) : decision.Fixes).Select(fix => $"fix: {fix}").ToList();
        return fixes.SelectMany(fix => new[] { [$"{said}; {fix}"], [$"{name}; {fix}"], new[] { said, fix } }).FirstOrDefault(lines => Array.TrueForAll(lines, line => VerdictText.Short(line) == line))
            ?? [fixes.Count == 0 ? said : $"{said}; {fixes[0]}"];
    }

    /// <summary>In the words of the command, where it has words for it.</summary>
    private static string InFlags(ServerDecision server, ServerSuggestion fix)
    {
        var words = ServerText.Fix(fix);
        return FixFlags.Of(server.Server.Spec?.Engine ?? InferenceEngine.VLLM, fix) is { } flags && words.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? flags + words[at..] : words;
    }
}
