using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;

namespace GpuMem.Operator.ModelServers;

/// <summary>
/// What a ModelServer becomes: a Deployment, one pod for each replica, or a LeaderWorkerSet, a group of pods for each. The same server and decision
/// always give the same manifest, so applying it again changes nothing.
/// </summary>
internal static class ServerWorkload
{
    /// <summary>On what was launched: the generation of the ModelServer that it was launched for.</summary>
    public const string GenerationAnnotation = "gpumem.io/generation";

    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    public static EntityMetadata DeploymentType { get; } = EntityMetadata.Of<V1Deployment>();

    /// <summary>Not every cluster serves it.</summary>
    public static EntityMetadata SetType { get; } = new("leaderworkerset.x-k8s.io", "v1", "LeaderWorkerSet", "leaderworkersets");

    /// <summary>What a replica of so many pods becomes.</summary>
    public static EntityMetadata TypeOf(ICandidate placed) => placed.Nodes > 1 ? SetType : DeploymentType;

    /// <summary>What was launched before, as a status tells it; null where nothing was.</summary>
    public static EntityMetadata? TypeOf(LaunchedStatus? launched) => launched is null ? null : launched.Kind == SetType.Kind ? SetType : DeploymentType;

    public static JsonObject Manifest(ModelServer owner, ServerDecision decision, PlanStatus plan)
    {
        var type = TypeOf(decision.Placed ?? throw new InvalidOperationException("a server without placement has no child"));
        var spec = type == SetType ? Groups(owner, decision) : Copies(owner, decision);
        // A number that was not asked for stays whoever's it is, an autoscaler's for example.
        if (owner.Spec.Replicas is { } replicas)
            spec["replicas"] = replicas;
        return new JsonObject
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = Metadata(owner, plan),
            ["spec"] = spec,
        };
    }

    private static JsonObject Copies(ModelServer owner, ServerDecision decision) => new()
    {
        ["selector"] = new JsonObject { ["matchLabels"] = Labels(owner) },
        ["template"] = Template(owner, decision),
    };

    private static JsonObject Groups(ModelServer owner, ServerDecision decision)
    {
        var leader = Template(owner, decision);
        return new JsonObject
        {
            ["leaderWorkerTemplate"] = new JsonObject
            {
                ["leaderTemplate"] = leader,
                ["size"] = decision.Placed!.Nodes,
                ["workerTemplate"] = Worker(leader),
            },
        };
    }

    /// <summary>
    /// The same pod, asked for no answer: only the leader listens (a worker runs <c>ray start --block</c> or <c>vllm serve --headless</c>), so that one with
    /// the leader's probes would never be ready, or be killed.
    /// </summary>
    private static JsonObject Worker(JsonObject leader)
    {
        var worker = leader.DeepClone().AsObject();
        foreach (var container in Containers(worker))
            foreach (var probe in Probes)
                if (container[probe] is JsonObject asked && !asked.ContainsKey("exec"))
                    container.Remove(probe);
        return worker;
    }

    /// <summary>The template as its author wrote it, with the plan's GPU count and pool.</summary>
    private static JsonObject Template(ModelServer owner, ServerDecision decision)
    {
        var template = owner.Spec.Template!.DeepClone().AsObject();
        var claims = DeviceClaimTemplate.Of(decision);
        PatchOperation.Apply(template, claims is null ? PodRewrite.Operations(template, decision) : PodRewrite.Placement(template, decision.Entry!));
        if (claims is not null)
            DeviceClaimTemplate.Use(template.Member("spec"), claims);
        template.Member("metadata").Member("labels")[ApiGroup.ModelServerLabel] = owner.Name();
        if (owner.Spec.Tensor is { IsAuto: true } && decision.Plan.Best is { } best)
            AddTensor(template, best.Spec.Tensor);

        // An engine that does not start says why in its last lines, and this keeps them on the pod.
        foreach (var container in Containers(template))
            container["terminationMessagePolicy"] ??= "FallbackToLogsOnError";
        return template;
    }

    /// <summary>What the planner chose is for the command to use: <c>--tensor-parallel-size=$(GPUMEM_TENSOR)</c>.</summary>
    private static void AddTensor(JsonObject template, int tensor)
    {
        const string Name = "GPUMEM_TENSOR";
        foreach (var container in Containers(template))
        {
            if (container["env"] is not JsonArray env)
                container["env"] = env = new JsonArray();
            if (env.OfType<JsonObject>().All(variable => variable["name"]?.ToString() != Name))
                env.Add((JsonNode)new JsonObject { ["name"] = Name, ["value"] = tensor.ToString(CultureInfo.InvariantCulture) });
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject template) => (template.Member("spec")["containers"] as JsonArray ?? []).OfType<JsonObject>();

    private static JsonObject Metadata(ModelServer owner, PlanStatus plan)
    {
        var metadata = ChildManifest.Metadata(owner, Labels(owner));
        metadata["annotations"] = new JsonObject
        {
            [GenerationAnnotation] = (owner.Generation() ?? 0).ToString(CultureInfo.InvariantCulture),
            [LaunchedPlan.Annotation] = LaunchedPlan.Write(plan),
        };
        return metadata;
    }

    private static JsonObject Labels(ModelServer owner) => new() { [ApiGroup.ModelServerLabel] = owner.Name() };
}
