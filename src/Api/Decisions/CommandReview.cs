using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Commands;
using GpuMem.Api.Commands.Training;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
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

    /// <summary>
    /// Tokens that are asked of a model whose length nobody states: variants of one model differ in their own, as Qwen2.5-7B with 131,072 and its Instruct
    /// with 32,768 do (config.json, max_position_embeddings). More would warn of what runs.
    /// </summary>
    private const long MostOfItsOwn = 32_768;

    public static PodDecision Validate(Workload workload, IClusterState cluster) => new()
    {
        Allowed = true,
        Warnings = [.. Warnings(workload, [.. workload.Pods.Where(pods => PodGpus.Of(pods.Pod.Spec).Count > 0 || GpuShare.Of(pods.Pod) is not null)], cluster).Distinct()],
    };

    private static IEnumerable<string> Warnings(Workload workload, List<WorkloadPods> asking, IClusterState cluster)
    {
        var together = GpusTogether.Of(workload, asking);
        return asking.Take(MostTemplates).SelectMany(pods => pods.Spec() is { } spec ? Warnings(workload, spec, GpuShare.Of(pods.Pod), together, cluster) : []);
    }

    private static IEnumerable<string> Warnings(Workload workload, V1PodSpec spec, GpuShare? share, GpusTogether together, IClusterState cluster)
    {
        if ((spec.Containers ?? []).Concat(spec.InitContainers ?? []).Sum(container => (long)(container?.Command ?? []).Concat(container?.Args ?? []).Sum(word => word?.Length ?? 0)) > MostCharacters)
            return [];
        OperatorEnvironment.Add(JsonObject.Create(workload.Manifest)!, workload.PodsTogether, spec);
        IEnumerable<string> Reached() => ReachableGpus.Of(spec, ns: null, cluster.Inventory, share).Pools.Pools.Select(pool => pool.Product);
        var served = EngineCommandReader.Read(spec).Where(command => command.NotUnderstood.Count == 0)
            .Select(command => command.StartedBy is null ? command : command.On(Reached()))
            .Select(command => (Said: Said(command), command.ModelGuess, TakesFlags: command.StartedBy is null, Decision: (WorkloadDecision?)Serving(command, spec, share, cluster)));
        // How many train together must be known: of many, each needs less.
        var isCounted = !workload.IsPart && (workload.AreCopies || workload.PodsTogether is not null);
        var trained = (isCounted ? TrainingCommandReader.Read(spec, workload.PodsTogether, []) : []).Where(command => command.NotUnderstood.Count == 0)
            .Select(command => (Said: $"looks like {command.Program}", command.ModelGuess, TakesFlags: true, Decision: (WorkloadDecision?)Training(command, spec, share, cluster, together)));
        return served.Concat(trained)
            .Where(read => read.Decision is { } decision && decision.Verdict.Rejects() && decision.Best?.IsGuess != true)
            .SelectMany(read => Words(read.Said, read.ModelGuess, read.TakesFlags, read.Decision!));
    }

    private const string Beginning = "would not fit: ";

    private static string Said(EngineCommand command)
    {
        var stages = command.Settings.Pipeline ?? 1;
        var layout = command.Settings.Engine == InferenceEngine.LlamaCpp ? $"on {ServerText.Gpus(stages)}"
            : $"with tensor {command.Settings.Tensor?.Value ?? 1}{(stages > 1 ? $" × pipeline {stages}" : "")}";
        return $"looks like {command.StartedBy ?? $"{command.Settings.Engine}"} {layout}";
    }

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

    private static ServerDecision? Serving(EngineCommand command, V1PodSpec pod, GpuShare? share, IClusterState cluster)
    {
        if (command.Settings.Model is null)
            return null;
        if (command.Settings.ContextLength is null)
        {
            if (InferenceReader.Read(command.Settings, ns: null, cluster.ConfigMaps, out _) is not { } served || ServedLength.Asked(served.Engine, command.LeavesLength, served.Model) is not { } length)
                return null;
            command.Settings.ContextLength = Math.Min(length, MostOfItsOwn);
        }

        var server = new ModelServer { Metadata = new V1ObjectMeta(), Spec = command.Settings };
        return ServerDecision.Of(server, pod, cluster.Inventory, cluster.ConfigMaps, share);
    }

    private static JobDecision? Training(TrainingCommand command, V1PodSpec pod, GpuShare? share, IClusterState cluster, GpusTogether together) => command.Job.Model is null
        ? null
        : JobDecision.Of(new TrainingJob { Metadata = new V1ObjectMeta(), Spec = command.Job }, pod, cluster.Inventory, cluster.ConfigMaps, share, together);
}
