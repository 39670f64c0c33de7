using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of Kubeflow's training jobs.</summary>
internal static class KubeflowWorkloads
{
    /// <summary>kubeflow.org PyTorchJob, MPIJob and their like: <c>pytorchReplicaSpecs.Worker.template</c>, whatever the framework is called.</summary>
    public static IEnumerable<WorkloadPods> Replicas(JsonElement? job) =>
        from field in job.Member("spec").Members()
        where field.Name.EndsWith("ReplicaSpecs", StringComparison.Ordinal)
        from replica in field.Value.Members()
        // An elastic job starts with some number and goes on with another, unless it may have only one.
        let elastic = job.Member("spec", "elasticPolicy")
        let count = elastic is null || (elastic.Number("minReplicas") is { } least && elastic.Number("maxReplicas") == least) ? replica.Value.Number("replicas") ?? 1 : (long?)null
        from pods in Templates.Template(replica.Value.Member("template"), replica.Name, count, "spec", field.Name, replica.Name, "template")
        select pods;

    /// <summary>sagemaker.amazonaws.com HyperPodPyTorchJob: the same as a list.</summary>
    public static IEnumerable<WorkloadPods> HyperPodReplicas(JsonElement? job) =>
        from replica in job.Member("spec", "replicaSpecs").Items()
        from pods in Templates.Template(replica.Item.Member("template"), replica.Item.Text("name") ?? "", replica.Item.Number("replicas") ?? 1, "spec", "replicaSpecs", replica.At, "template")
        select pods;

    /// <summary>
    /// trainer.kubeflow.org TrainJob: its own fields hold what a container would, and the runtime that it names has the rest. How many nodes there are is
    /// the runtime's when the job does not say (pkg/apis/trainer/v1alpha1/trainjob_types.go). The runtime of torch tells torchrun of nodes and processes in
    /// PET_* variables (pkg/runtime/framework/plugins/torch).
    /// </summary>
    public static IEnumerable<WorkloadPods> TrainJob(JsonElement? job)
    {
        var trainer = job.Member("spec", "trainer");
        var container = new JsonObject { ["name"] = "node" };
        foreach (var (field, own) in new[] { ("image", "image"), ("command", "command"), ("args", "args"), ("resources", "resourcesPerNode") })
            if (trainer.Member(own) is { } value)
                container[field] = JsonNode.Parse(value.GetRawText());
        var environment = trainer.Member("env").Items().Select(variable => (JsonNode?)JsonObject.Create(variable.Item!.Value)).ToList();
        if (trainer.Number("numNodes") is { } nodes)
            environment.Add(Variable("PET_NNODES", $"{nodes}"));
        environment.Add(Variable("PET_NPROC_PER_NODE", trainer.Member("numProcPerNode")?.ToString() ?? "auto"));
        container["env"] = new JsonArray([.. environment]);
        TorchtuneTrainer.Complete(job, container, trainer.Number("numNodes") ?? 1, runtimes: null);
        return trainer is null ? [] : Templates.Container(JsonSerializer.SerializeToElement(container, ManifestJson.Node), "node", trainer.Number("numNodes")).Select(pods => pods.ToleratingMore());
    }

    internal static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };
}
