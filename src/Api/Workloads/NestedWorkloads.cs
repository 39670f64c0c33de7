using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of what holds other workloads whole.</summary>
internal static class NestedWorkloads
{
    /// <summary>Workloads in one that are looked at; no real one has as many.</summary>
    private const int Most = 64;

    /// <summary>kubeflow.org Experiment: the workload of one trial, with parameters to be put in (katib pkg/apis/controller/experiments/v1beta1).</summary>
    public static IEnumerable<WorkloadPods> Experiment(JsonElement? experiment) => Inside(experiment.Member("spec", "trialTemplate", "trialSpec"));

    /// <summary>workload.codeflare.dev AppWrapper: workloads that Kueue admits together (appwrapper api/v1beta2).</summary>
    public static IEnumerable<WorkloadPods> AppWrapper(JsonElement? wrapper) => wrapper.Member("spec", "components").Items().Take(Most).SelectMany(component => Inside(component.Item.Member("template")));

    /// <summary>A workload in one of these holds no other, so that nothing goes on for ever. No path leads to its template: what is in it is not changed.</summary>
    private static IEnumerable<WorkloadPods> Inside(JsonElement? workload) =>
        workload is { ValueKind: JsonValueKind.Object } inner && workload.Text("kind") is not ("Experiment" or "AppWrapper") && WorkloadReader.Read(inner) is { } read
            ? read.Pods.Select(pods => pods with { Path = null })
            : [];
}
