using System.Text.Json;
using GpuMem.Api.Pods;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Api.Workloads;

/// <summary>What makes pods, read from its manifest: a Job, a JobSet, a Deployment, a RayJob and their like.</summary>
/// <param name="Identity">Its API version, kind and name, as its pods name their owner.</param>
/// <param name="Metadata">Name, labels and owners, as far as a tie is read from them.</param>
/// <param name="Pods">The kinds of pods that it makes, in the manifest's order.</param>
public sealed record Workload(V1OwnerReference Identity, V1ObjectMeta Metadata, IReadOnlyList<WorkloadPods> Pods)
{
    /// <summary>As it is written.</summary>
    public required JsonElement Manifest { get; init; }

    /// <summary>Each pod works by itself, as those of a Deployment do; else they train together.</summary>
    public bool AreCopies { get; init; }

    /// <summary>How many of its pods train together; null when that is not known, or each works by itself.</summary>
    public int? PodsTogether
    {
        get
        {
            if (AreCopies)
                return Identity.Kind == "Pod" ? 1 : null;

            // Launchers, heads and drivers have no GPUs; where nobody asks for any, they are known by their names.
            var training = Pods.Where(pods => pods.Count != 0 && PodGpus.Of(pods.Pod.Spec).Count > 0).ToList();
            if (training.Count == 0)
                training = [.. Pods.Where(pods => pods.Count != 0 && pods.Role is not ("Launcher" or "head"))];
            return training.Count > 0 && training.TrueForAll(pods => pods.Count is not null) && training.Sum(pods => pods.Count) is <= int.MaxValue and var sum ? (int)sum : null;
        }
    }

    /// <summary>Others may train with its pods: it is a Job of a JobSet, or a StatefulSet of a LeaderWorkerSet.</summary>
    public bool IsPart => Identity.Kind is "Job" or "StatefulSet" && Metadata.OwnerReferences?.Any(owner => owner is { Controller: true, Kind: not "CronJob" }) == true;
}

/// <summary>Pods that a workload makes from one template.</summary>
/// <param name="Role">What they do, in the workload's own words: <c>worker</c>, <c>head</c>; empty where it has no word for it.</param>
/// <param name="Pod">The template, as decisions read a pod.</param>
/// <param name="Count">How many there are at once; null when the manifest does not fix it.</param>
/// <param name="Path">Where the template stands in the manifest; null where no part of it has the shape of one.</param>
public sealed record WorkloadPods(string Role, V1Pod Pod, long? Count, IReadOnlyList<string>? Path)
{
    /// <summary>The template as it is written, or put together from what is.</summary>
    public required JsonElement Written { get; init; }

    /// <summary>Somebody adds tolerations that the manifest does not have.</summary>
    public bool MayTolerateMore { get; private init; }

    /// <summary>The same pods, to which tolerations may be added.</summary>
    public WorkloadPods ToleratingMore()
    {
        UnknownTolerations.AddTo(Pod.Spec);
        return this with { MayTolerateMore = true };
    }

    /// <summary>The pod with all that its containers run; null when it has not the shape of one.</summary>
    public V1PodSpec? Spec()
    {
        try
        {
            var spec = Written.Deserialize(KubernetesJson.Default.ReadInfo<V1Pod>())?.Spec;
            if (MayTolerateMore)
                UnknownTolerations.AddTo(spec);
            return spec;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
