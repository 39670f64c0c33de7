using System.Text.Json.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Pods;

/// <summary>A resource that describes pods, of training or of serving: what it takes to tie pods to it, and to do what its policy says.</summary>
public interface IPodDescription : k8s.IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The model, as its author gave it.</summary>
    ModelSpec? Model { get; }

    /// <summary>What GpuMem may do about it.</summary>
    PolicySettings? Policy { get; }

    /// <summary>The workload of somebody else that it describes; null when there is none.</summary>
    TargetReference? TargetRef { get; }

    /// <summary>The pods that it launches; null when it launches none.</summary>
    JsonObject? Template { get; }
}

/// <summary>What follows from a description's policy.</summary>
public static class PodDescriptions
{
    /// <param name="description">The TrainingJob or ModelServer.</param>
    /// <param name="usual">What is done in its namespace where it does not say.</param>
    public static PolicyMode Mode(this IPodDescription description, PolicyMode usual) => description.Policy?.Mode ?? usual;

    /// <summary>Why it is admitted all the same; null when nobody said so.</summary>
    public static string? Override(this IPodDescription description) =>
        description.Metadata?.Annotations?.TryGetValue(ApiGroup.OverrideAnnotation, out var reason) == true && !string.IsNullOrWhiteSpace(reason) ? reason : null;

    public static RewriteMode Rewrite(this IPodDescription description) => description.Policy?.Rewrite ?? RewriteMode.IfUnset;

    /// <summary>GPUs of one pod that its author fixed and policy does not let us rewrite; null when the plan decides.</summary>
    public static int? FixedGpus(this IPodDescription description, PodGpus asked) =>
        asked.Count > 0 && description.Rewrite() != RewriteMode.Always ? (int)Math.Min(asked.Count, int.MaxValue) : null;

    /// <summary>The same of the pods that its own template makes.</summary>
    public static int? FixedGpusOfTemplate(this IPodDescription description) =>
        description.Template is { } template ? description.FixedGpus(PodGpus.Of(PodTemplate.Spec(template))) : null;

    /// <summary>It describes the workload that <paramref name="workload"/> names, whichever version of its kind either speaks of.</summary>
    public static bool Targets(this IPodDescription description, V1OwnerReference workload) =>
        description.TargetRef is { } target && target.Kind == workload.Kind && target.Name == workload.Name && WorkloadReader.Group(target.ApiVersion) == WorkloadReader.Group(workload.ApiVersion);
}
