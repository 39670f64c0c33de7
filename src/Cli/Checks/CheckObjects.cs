using System.Text.Json.Nodes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Cli.Checks;

/// <summary>
/// What an installation is tried with: a namespace of its own that enforces, a pool of H100s that are not there, a job that fits one of them and one that
/// does not. No pod of them is ever scheduled: it waits for a scheduler that does not exist.
/// </summary>
/// <param name="name">Of the namespace and the pool, and the value of the label that keeps the pool apart.</param>
internal sealed class CheckObjects(string name)
{
    /// <summary>That fits.</summary>
    public const string Fitting = "fits";

    /// <summary>All of an 8B model trained on one GPU: 128 GiB.</summary>
    public const string TooLarge = "does-not-fit";

    private const string Label = "gpumem.io/check";

    private const string Model = "meta-llama/Llama-3.1-8B";

    public static readonly EntityMetadata Namespaces = new("", "v1", "Namespace", "namespaces", EntityScope.Cluster);

    public static readonly EntityMetadata Pods = new("", "v1", "Pod", "pods");

    public JsonObject Namespace => Manifest("v1", "Namespace", new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["gpumem.io/mode"] = "Enforce" } }, null);

    public JsonObject Pool => Manifest("gpumem.io/v1alpha1", "GpuPool", new JsonObject { ["name"] = name }, new JsonObject
    {
        ["selector"] = new JsonObject { [Label] = name },
        ["product"] = "NVIDIA-H100-80GB-HBM3",
        ["gpusPerNode"] = 8,
        ["maxNodes"] = 1,
    });

    /// <param name="job"><see cref="Fitting"/> or <see cref="TooLarge"/>.</param>
    public JsonObject Job(string job) => Manifest("gpumem.io/v1alpha1", "TrainingJob", InNamespace(job), new JsonObject
    {
        ["model"] = new JsonObject { ["name"] = Model },
        ["training"] = new JsonObject { ["method"] = job == Fitting ? "LoRA" : "Full", ["sequenceLength"] = 2048, ["recompute"] = "Full" },
        ["parallelism"] = new JsonObject { ["data"] = 1 },
        ["placement"] = new JsonObject { ["pools"] = new JsonArray(name) },
    });

    /// <summary>A pod that names a job by its label, as its author would write it.</summary>
    /// <param name="job"><see cref="Fitting"/> or <see cref="TooLarge"/>.</param>
    /// <param name="attempt">Tells it from others of the same job.</param>
    public JsonObject Pod(string job, int attempt)
    {
        var metadata = InNamespace($"{job}-{attempt}");
        metadata["labels"] = new JsonObject { ["gpumem.io/training-job"] = job };
        return Manifest("v1", "Pod", metadata, new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["automountServiceAccountToken"] = false,
            ["schedulerName"] = "gpumem-check-nobody",
            ["securityContext"] = new JsonObject { ["runAsNonRoot"] = true, ["runAsUser"] = 65532, ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" } },
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "trainer",
                ["image"] = "gpumem.invalid/never-pulled",
                ["resources"] = new JsonObject { ["limits"] = new JsonObject { ["nvidia.com/gpu"] = "1" } },
                ["securityContext"] = new JsonObject { ["allowPrivilegeEscalation"] = false, ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") } },
            }),
        });
    }

    /// <summary>The pod was told to go to the pool.</summary>
    public bool IsPlaced(JsonObject pod) => pod["spec"]?["nodeSelector"]?[Label]?.GetValue<string>() == name;

    private JsonObject InNamespace(string of) => new() { ["name"] = of, ["namespace"] = name };

    private static JsonObject Manifest(string version, string kind, JsonObject metadata, JsonObject? spec)
    {
        var manifest = new JsonObject { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = metadata };
        if (spec is not null)
            manifest["spec"] = spec;
        return manifest;
    }
}
