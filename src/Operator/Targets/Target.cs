using System.Net;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Operator.Targets;

/// <summary>Whether the workload is there that a description's <c>targetRef</c> names.</summary>
/// <param name="IsFound">It is there.</param>
/// <param name="Message">The same in words, with what it means.</param>
internal sealed record Target(bool IsFound, string Message)
{
    public const string ConditionType = "TargetFound";

    /// <summary>Null where nothing is named, or nobody can say. What was found once is not asked for again: pools that change have every job looked at.</summary>
    /// <param name="description">A TrainingJob or ModelServer.</param>
    /// <param name="before">The conditions that it has.</param>
    /// <param name="client">Where to ask.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Target?> OfAsync(IPodDescription description, IEnumerable<Condition>? before, IKubernetesClient client, CancellationToken cancellationToken)
    {
        if (before?.FirstOrDefault(known => known is { Type: ConditionType, Status: "True" } && known.ObservedGeneration == description.Generation()) is { } found)
            return new Target(true, found.Message ?? "");
        if (description.TargetRef is not { Name: { Length: > 0 } name } named)
            return null;
        if (WorkloadKinds.Find(named.ApiVersion, named.Kind) is not { } type)
            return new Target(false, $"{named.ApiVersion} {named.Kind} is no kind whose pods are known: label its pods instead");
        try
        {
            return await client.GetAsync(type, name, description.Namespace(), cancellationToken) is not null
                ? new Target(true, $"{type.Kind} '{name}' is there")
                : new Target(false, $"there is no {type.Kind} '{name}' in this namespace: until there is, this describes no pods");
        }
        catch (KubernetesException refused) when (refused.StatusCode == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }
}
