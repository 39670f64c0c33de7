using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>
/// Pods of a TrainJob whose runtime is known, put together as Kubeflow's Trainer does: patches of the job over the runtime's templates, then the job's own
/// trainer over the container of each node, then what the kind of training adds (trainer pkg/runtime/core/trainingruntime.go, plugins jobset, torch and mpi).
/// </summary>
public static class TrainingRuntimes
{
    /// <summary>On the template of a Job in the runtime: which step of the training it is.</summary>
    private const string Step = "trainer.kubeflow.org/trainjob-ancestor-step";

    /// <summary>The container, and with MPI the Job, that trains.</summary>
    private const string Node = "node";

    /// <summary>The object is a runtime, of a namespace or of the cluster.</summary>
    public static bool IsRuntime(JsonObject manifest) => manifest["kind"]?.ToString() is "TrainingRuntime" or "ClusterTrainingRuntime" && WorkloadReader.Group(manifest["apiVersion"]?.ToString()) == "trainer.kubeflow.org";

    /// <summary>The runtime that a TrainJob names; null where it is none of these, or the object is no TrainJob.</summary>
    public static JsonObject? Of(JsonObject manifest, IEnumerable<JsonObject> runtimes)
    {
        if (manifest["kind"]?.ToString() != "TrainJob" || (manifest["spec"] as JsonObject)?["runtimeRef"] is not JsonObject reference)
            return null;
        var kind = reference["kind"]?.ToString() ?? "ClusterTrainingRuntime";
        return runtimes.FirstOrDefault(runtime => runtime["kind"]?.ToString() == kind
            && Name(runtime) is { } name && name == reference["name"]?.ToString()
            && (kind == "ClusterTrainingRuntime" || Namespace(runtime) == Namespace(manifest)));
    }

    internal static IEnumerable<WorkloadPods> Pods(JsonElement? job, JsonElement? runtime)
    {
        var (trainer, policy) = (job.Member("spec", "trainer"), runtime.Member("spec", "mlPolicy"));
        var nodes = trainer.Number("numNodes") ?? policy.Number("numNodes") ?? 1;
        var launcherTrains = policy.Member("mpi", "runLauncherAsNode") is { ValueKind: JsonValueKind.True };
        foreach (var (_, replicated) in runtime.Member("spec", "template", "spec", "replicatedJobs").Items())
        {
            if (replicated.Member("template", "spec", "template") is not { ValueKind: JsonValueKind.Object } written)
                continue;
            var name = replicated.Text("name") ?? "";
            var template = JsonObject.Create(written)!.DeepClone().AsObject();
            foreach (var patch in Patches(job, name))
                StrategicMerge.Apply(template, JsonObject.Create(patch)!.DeepClone().AsObject());
            var isTrainer = replicated.Member("template", "metadata", "labels").Text(Step) == "trainer";
            // With MPI the launcher is the trainer, and the nodes are beside it (plugins/mpi, EnforceMLPolicy).
            var isWorker = policy.Member("mpi") is not null && !isTrainer && name == Node;
            if (Container(template) is { } container && (isTrainer || isWorker))
            {
                if (isTrainer)
                    Take(container, trainer, policy.Member("torch"), nodes);
                if (trainer.Member("resourcesPerNode") is { } resources && (isWorker || launcherTrains || policy.Member("mpi") is null))
                    container["resources"] = JsonNode.Parse(resources.GetRawText());
                if (isTrainer && policy.Member("torch") is not null)
                    TorchtuneTrainer.Complete(job, container, nodes, (Container(JsonObject.Create(written)!)?["command"] as JsonArray)?.Select(word => $"{word}"));
            }
            var count = isWorker ? Math.Max(launcherTrains ? nodes - 1 : nodes, 1)
                : isTrainer ? policy.Member("mpi") is null ? nodes : 1
                : replicated.Number("replicas") ?? 1;
            foreach (var pods in Templates.Template(JsonSerializer.SerializeToElement(template, ManifestJson.Node), name, count))
                yield return pods with { Path = null };
        }
    }

    /// <summary>The job's own fields, and what torchrun is told.</summary>
    private static void Take(JsonObject container, JsonElement? trainer, JsonElement? torch, long nodes)
    {
        foreach (var field in new[] { "image", "command", "args" })
            if (trainer.Member(field) is { } value)
                container[field] = JsonNode.Parse(value.GetRawText());
        var own = trainer.Member("env").Items().Select(variable => JsonObject.Create(variable.Item!.Value)!.DeepClone());
        List<JsonNode> added = [.. own];
        if (torch is not null)
            added.AddRange([KubeflowWorkloads.Variable("PET_NNODES", $"{nodes}"), KubeflowWorkloads.Variable("PET_NPROC_PER_NODE", (trainer.Member("numProcPerNode") ?? torch.Member("numProcPerNode"))?.ToString() ?? "auto")]);
        if (added.Count > 0)
            StrategicMerge.Apply(container, new JsonObject { ["env"] = new JsonArray([.. added]) });
    }

    /// <summary>
    /// What a job changes of one template of its runtime, in the three forms that releases have had: podSpecOverrides (2.0), podTemplateOverrides (2.1) and
    /// runtimePatches (from 2.2 on).
    /// </summary>
    private static IEnumerable<JsonElement> Patches(JsonElement? job, string name)
    {
        foreach (var (_, change) in job.Member("spec", "podSpecOverrides").Items().Where(one => IsFor(one.Item, name)))
            if (Object(change) is { } spec)
                yield return JsonSerializer.SerializeToElement(new JsonObject { ["spec"] = Without(spec, "targetJobs") }, ManifestJson.Node);
        foreach (var (_, change) in job.Member("spec", "podTemplateOverrides").Items().Where(one => IsFor(one.Item, name)))
            if (Object(change) is { } template)
                yield return JsonSerializer.SerializeToElement(Without(template, "targetJobs"), ManifestJson.Node);
        var patched =
            from patch in job.Member("spec", "runtimePatches").Items()
            from replicated in patch.Item.Member("trainingRuntimeSpec", "template", "spec", "replicatedJobs").Items()
            where replicated.Item.Text("name") == name
            select Object(replicated.Item.Member("template", "spec", "template"));
        foreach (var template in patched)
            if (template is { } known)
                yield return known;
    }

    private static bool IsFor(JsonElement? change, string name) => change.Member("targetJobs").Items().Any(target => target.Item.Text("name") == name);

    private static JsonElement? Object(JsonElement? element) => element is { ValueKind: JsonValueKind.Object } ? element : null;

    private static JsonObject Without(JsonElement element, string field)
    {
        var left = JsonObject.Create(element)!.DeepClone().AsObject();
        left.Remove(field);
        return left;
    }

    private static JsonObject? Container(JsonObject template) =>
        ((template["spec"] as JsonObject)?["containers"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(container => container["name"]?.ToString() == Node);

    private static string? Name(JsonObject manifest) => (manifest["metadata"] as JsonObject)?["name"]?.ToString();

    private static string? Namespace(JsonObject manifest) => (manifest["metadata"] as JsonObject)?["namespace"]?.ToString();
}
