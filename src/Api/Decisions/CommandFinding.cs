using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Commands;
using GpuMem.Api.Commands.Training;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;
using GpuMem.Serving;

namespace GpuMem.Api.Decisions;

/// <summary>What one container of a pod that nobody describes starts, by its command, and what is decided of that.</summary>
/// <param name="Said">What it looks like, in words.</param>
/// <param name="NotUnderstood">The words of the command that are not known here, with which nothing is certain.</param>
internal sealed record CommandFinding(string Said, IReadOnlyList<string> NotUnderstood)
{
    /// <summary>
    /// Tokens that are asked of a model whose length nobody states: variants of one model differ in their own, as Qwen2.5-7B with 131,072 and its Instruct
    /// with 32,768 do (config.json, max_position_embeddings). More would warn of what runs.
    /// </summary>
    private const long MostOfItsOwn = 32_768;

    private Func<WorkloadDecision?> Decide { get; init; } = () => null;

    /// <summary>Which model a path was taken for; null where the command names it.</summary>
    public string? ModelGuess { get; private init; }

    /// <summary>A fix can be said in flags of the command.</summary>
    public bool TakesFlags { get; private init; } = true;

    /// <summary>The command names the model.</summary>
    public bool NamesModel { get; private init; }

    /// <summary>Decided anew each time; null where the command leaves too much open.</summary>
    public WorkloadDecision? Decision => Decide();

    /// <param name="workload">What makes the pod.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="spec">The pod.</param>
    /// <param name="share">The part of a GPU that it asks for beside its spec.</param>
    /// <param name="together">GPUs of all pods that train together.</param>
    /// <param name="cluster">The pools there are.</param>
    public static IEnumerable<CommandFinding> Of(Workload workload, string ns, V1PodSpec spec, GpuShare? share, GpusTogether together, IClusterState cluster)
    {
        OperatorEnvironment.Add(JsonObject.Create(workload.Manifest)!, workload.PodsTogether, spec);
        IEnumerable<string> Reached() => ReachableGpus.Of(spec, ns, cluster.Inventory, share).Pools.Pools.Select(pool => pool.Product);
        var served = EngineCommandReader.Read(spec)
            .Select(command => command.StartedBy is null || command.NotUnderstood.Count > 0 ? command : command.On(Reached()))
            .Select(command => new CommandFinding(SaidOf(command), command.NotUnderstood)
            {
                ModelGuess = command.ModelGuess,
                TakesFlags = command.StartedBy is null,
                NamesModel = command.Settings.Model is not null,
                Decide = () => Serving(command, ns, spec, share, cluster),
            });
        // How many train together must be known: of many, each needs less.
        string[] uncounted = !workload.IsPart && (workload.AreCopies || workload.PodsTogether is not null) ? [] : ["how many pods train together"];
        var trained = TrainingCommandReader.Read(spec, workload.PodsTogether, [])
            .Select(command => new CommandFinding($"looks like {command.Program}", [.. uncounted, .. command.NotUnderstood])
            {
                ModelGuess = command.ModelGuess,
                NamesModel = command.Job.Model is not null,
                Decide = () => Training(command, ns, spec, share, cluster, together),
            });
        return served.Concat(trained);
    }

    private static string SaidOf(EngineCommand command)
    {
        var stages = command.Settings.Pipeline ?? 1;
        var layout = command.Settings.Engine == InferenceEngine.LlamaCpp ? $"on {ServerText.Gpus(stages)}"
            : $"with tensor {command.Settings.Tensor?.Value ?? 1}{(stages > 1 ? $" × pipeline {stages}" : "")}";
        return $"looks like {command.StartedBy ?? $"{command.Settings.Engine}"} {layout}";
    }

    private static ServerDecision? Serving(EngineCommand command, string ns, V1PodSpec pod, GpuShare? share, IClusterState cluster)
    {
        if (command.Settings.Model is null)
            return null;
        if (command.Settings.ContextLength is null)
        {
            var served = InferenceReader.Read(command.Settings, ns, cluster.ConfigMaps, out _);
            // Of what cannot be read the decision says what is wrong with it.
            if ((served is null ? MostOfItsOwn : ServedLength.Asked(served.Engine, command.LeavesLength, served.Model)) is not { } length)
                return null;
            command.Settings.ContextLength = Math.Min(length, MostOfItsOwn);
        }

        var server = new ModelServer { Metadata = new V1ObjectMeta { NamespaceProperty = ns }, Spec = command.Settings };
        return ServerDecision.Of(server, pod, cluster.Inventory, cluster.ConfigMaps, share);
    }

    private static JobDecision? Training(TrainingCommand command, string ns, V1PodSpec pod, GpuShare? share, IClusterState cluster, GpusTogether together) => command.Job.Model is null
        ? null
        : JobDecision.Of(new TrainingJob { Metadata = new V1ObjectMeta { NamespaceProperty = ns }, Spec = command.Job }, pod, cluster.Inventory, cluster.ConfigMaps, share, together);
}
