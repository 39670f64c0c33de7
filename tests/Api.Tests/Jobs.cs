using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Tests;

/// <summary>TrainingJobs as people write them.</summary>
internal static class Jobs
{
    /// <summary>All weights of 8 billion parameters on one GPU: states alone are beyond any card here.</summary>
    public const string Impossible = """
        model: {name: meta-llama/Llama-3.1-8B}
        training: {sequenceLength: 1024}
        parallelism: {data: 1}
        """;

    /// <summary>Adapters over 4-bit weights: fits an 80 GB card with much to spare.</summary>
    public const string Easy = """
        model: {name: meta-llama/Llama-3.1-8B}
        training: {method: QLoRA, sequenceLength: 512, recompute: Full}
        parallelism: {data: 1}
        """;

    public static TrainingJob Of(string spec, string name = "job", string ns = "team")
    {
        var yaml = $"""
            apiVersion: gpumem.io/v1alpha1
            kind: TrainingJob
            metadata: {"{"}name: {name}, namespace: {ns}{"}"}
            spec:
            {string.Join('\n', spec.Split('\n').Select(line => "  " + line))}
            """;
        return KubernetesYaml.LoadAllFromString<TrainingJob>(yaml, ApiJson.Default)[0];
    }
}
