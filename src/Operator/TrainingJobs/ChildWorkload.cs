using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Planning;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>
/// What a TrainingJob becomes: a headless Service and an Indexed Job, one pod per node, with torchrun's rendezvous in its PET_* variables.
/// The same job and decision always give the same manifests, so applying them again changes nothing.
/// </summary>
internal static class ChildWorkload
{
    /// <summary>On a Job that its TrainingJob's <c>suspend</c> holds back, and nobody else.</summary>
    public const string SuspendedAnnotation = "gpumem.io/suspended";

    /// <summary>torchrun's default port (PET_MASTER_PORT).</summary>
    private const int RendezvousPort = 29500;

    public static EntityMetadata ServiceType { get; } = EntityMetadata.Of<V1Service>();

    public static EntityMetadata JobType { get; } = EntityMetadata.Of<V1Job>();

    public static JsonObject Service(TrainingJob owner) => new()
    {
        ["apiVersion"] = ServiceType.ApiVersion,
        ["kind"] = ServiceType.Kind,
        ["metadata"] = Metadata(owner),
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = "None",
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "rendezvous", ["port"] = RendezvousPort, ["protocol"] = "TCP" }),
            // The ranks look each other up before any of them is ready.
            ["publishNotReadyAddresses"] = true,
            ["selector"] = Labels(owner),
        },
    };

    public static JsonObject Job(TrainingJob owner, JobDecision decision, PlanStatus plan, ServerFeatures features)
    {
        var placement = decision.Placement ?? throw new InvalidOperationException("a job without placement has no child");
        var metadata = Metadata(owner);
        metadata["annotations"] = new JsonObject { [LaunchedPlan.Annotation] = LaunchedPlan.Write(plan) };
        var spec = new JsonObject
        {
            // One lost rank ends the whole world: retrying a pod alone is useless.
            ["backoffLimit"] = 0,
            ["completions"] = placement.Nodes,
            ["parallelism"] = placement.Nodes,
            ["template"] = Template(owner, decision, placement),
        };
        if (features.IndexedJobs)
            spec["completionMode"] = "Indexed";
        if (features.PodFailurePolicy)
            spec["podFailurePolicy"] = EvictionsAreNoFailures();
        return new JsonObject { ["apiVersion"] = JobType.ApiVersion, ["kind"] = JobType.Kind, ["metadata"] = metadata, ["spec"] = spec };
    }

    private static JsonObject EvictionsAreNoFailures() => new()
    {
        ["rules"] = new JsonArray(new JsonObject
        {
            ["action"] = "Ignore",
            ["onPodConditions"] = new JsonArray(new JsonObject { ["status"] = "True", ["type"] = "DisruptionTarget" }),
        }),
    };

    /// <summary>The template as its author wrote it, with the plan's GPU count and pool, and what the rendezvous needs.</summary>
    public static JsonObject Template(TrainingJob owner, JobDecision decision, Candidate placement)
    {
        var template = owner.Spec.Template!.DeepClone().AsObject();
        var asked = Containers(template).DistinctBy(container => container["name"]?.ToString()).ToDictionary(container => container["name"]?.ToString() ?? "", container => Gpus(container, placement), StringComparer.Ordinal);
        var isWhole = decision.Entry is { IsClaimed: false } && PodTemplate.Share(template) is null;
        var claims = DeviceClaimTemplate.Of(decision);
        PatchOperation.Apply(template, claims is null ? PodRewrite.Operations(template, decision) : PodRewrite.Placement(template, decision.Entry!));
        var metadata = template.Member("metadata");
        metadata.Member("labels")[ApiGroup.TrainingJobLabel] = owner.Name();
        var spec = template.Member("spec");
        spec["restartPolicy"] = "Never";
        spec["subdomain"] = owner.Name();
        if (claims is not null)
            DeviceClaimTemplate.Use(spec, claims);
        foreach (var container in Containers(template))
        {
            // A CUDA out of memory error is an ordinary exit: only the log's last lines tell it, and this keeps them on the pod.
            container["terminationMessagePolicy"] ??= "FallbackToLogsOnError";
            AddRendezvous(container, owner.Name()!, placement);
            RequestHostMemory(container, placement);

            // A template of parts of GPUs, or of other devices, is launched as its author wrote it.
            if (isWhole && Gpus(container, placement) is > 0 and var gpus)
            {
                FabricDevices.Scale(container, asked[container["name"]?.ToString() ?? ""], gpus);
                SharedMemory.Mount(spec, container, placement.GpusPerNode);
            }
            else if (container["resources"]?["claims"] is not null && claims is not null)
            {
                SharedMemory.Mount(spec, container, placement.GpusPerNode);
            }
        }
        return template;
    }

    private static IEnumerable<JsonObject> Containers(JsonObject template) => (template["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>GPUs of the plan's pool that a container asks for.</summary>
    private static long Gpus(JsonObject container, Candidate placement) =>
        long.TryParse(container["resources"]?["limits"]?[placement.Pool.ResourceName]?.ToString(), CultureInfo.InvariantCulture, out var gpus) ? gpus : 0;

    /// <summary>What is offloaded lives in the memory of the container with the GPUs. Model loading and data come on top, and what the author asked for stays.</summary>
    private static void RequestHostMemory(JsonObject container, Candidate placement)
    {
        var resources = container["resources"];
        if (placement.Estimate.HostMemoryPerNode is not { Value: > 0 } host || resources?["limits"]?[placement.Pool.ResourceName] is null)
            return;
        if (resources["requests"]?["memory"] is not null || resources["limits"]!["memory"] is not null)
            return;
        var mebibytes = (host.Value + Bytes.PerMiB - 1) / Bytes.PerMiB;
        resources.AsObject().Member("requests")["memory"] = string.Create(CultureInfo.InvariantCulture, $"{mebibytes}Mi");
    }

    private static JsonObject Metadata(TrainingJob owner) => ChildManifest.Metadata(owner, Labels(owner));

    private static JsonObject Labels(TrainingJob owner) => new() { [ApiGroup.TrainingJobLabel] = owner.Name() };

    private static void AddRendezvous(JsonObject container, string name, Candidate placement)
    {
        var env = container["env"] as JsonArray ?? [];
        if (container["env"] is null)
            container["env"] = env;
        var given = env.OfType<JsonObject>().Select(variable => variable["name"]?.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var variable in Rendezvous(name, placement))
            if (!given.Contains(variable["name"]!.ToString()))
                env.Add((JsonNode)variable);
    }

    /// <summary>torchrun reads each of its options from PET_ and the option's name (torch.distributed.argparse_util).</summary>
    private static IEnumerable<JsonObject> Rendezvous(string name, Candidate placement)
    {
        yield return Variable("PET_NNODES", placement.Nodes.ToString(CultureInfo.InvariantCulture));
        yield return Variable("PET_NPROC_PER_NODE", placement.GpusPerNode.ToString(CultureInfo.InvariantCulture));
        yield return new JsonObject
        {
            ["name"] = "PET_NODE_RANK",
            ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "metadata.annotations['batch.kubernetes.io/job-completion-index']" } },
        };
        yield return Variable("PET_MASTER_ADDR", $"{name}-0.{name}");
        yield return Variable("PET_MASTER_PORT", RendezvousPort.ToString(CultureInfo.InvariantCulture));

        // What the planner chose is for the command to use: $(GPUMEM_TENSOR).
        foreach (var chosen in placement.Chosen)
            yield return Variable(chosen.Variable, chosen.Value);
    }

    private static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };
}
