using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Estimation;
using GpuMem.Planning;

namespace GpuMem.Operator.Launching;

/// <summary>
/// The ResourceClaimTemplate by which the pods of a job or a server get GPUs that only a driver for dynamic resource allocation offers. What it needs is the
/// selector, so that the scheduler holds each device to it; where several kinds of GPU take it as it is planned, each is a choice with an estimate of its own.
/// </summary>
internal static class DeviceClaimTemplate
{
    private const string Request = "gpus";

    /// <summary>Kubernetes takes no more (<c>FirstAvailableDeviceRequestMaxSize</c>).</summary>
    private const int MostChoices = 8;

    public static EntityMetadata Type { get; } = EntityMetadata.Of<V1ResourceClaimTemplate>();

    /// <summary>Null where the pods ask for their devices themselves, or get them by a resource.</summary>
    public static JsonObject? Of(JobDecision decision) =>
        decision.Placement is { } placement ? Of(decision, decision.Plan.Candidates.Where(other => other.Job == placement.Job)) : null;

    /// <summary>The same for each pod of a server.</summary>
    public static JsonObject? Of(ServerDecision decision) =>
        decision.Plan.Best is { } best ? Of(decision, decision.Plan.Candidates.Where(other => other.Spec == best.Spec)) : null;

    /// <param name="decision">What is launched.</param>
    /// <param name="same">Those of its candidates that run as the chosen one does.</param>
    private static JsonObject? Of(WorkloadDecision decision, IEnumerable<ICandidate> same)
    {
        var owner = decision.Description;
        if (decision is not { Placed: { } placement, Entry.Device: not null } || PodTemplate.Spec(owner.Template!) is not { } pod)
            return null;
        if (PodGpus.Of(pod).ResourceName is not null || UnknownDevice.Of(pod) is not null || PodTemplate.Share(owner.Template!) is not null)
            return null;
        var spec = new JsonObject { ["spec"] = new JsonObject { ["devices"] = new JsonObject { ["requests"] = new JsonArray(Asked(decision, placement, same)) } } };
        var metadata = ChildManifest.Metadata(owner, new JsonObject { [owner is ModelServer ? ApiGroup.ModelServerLabel : ApiGroup.TrainingJobLabel] = owner.Name() });
        // What a template asks for cannot be changed: another plan has another one.
        metadata["name"] = $"{owner.Name()}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec.ToJsonString())).AsSpan(0, 4))}";
        return new JsonObject { ["apiVersion"] = Type.ApiVersion, ["kind"] = Type.Kind, ["metadata"] = metadata, ["spec"] = spec };
    }

    /// <summary>The pods of a template claim by it.</summary>
    /// <param name="pod">The template's <c>spec</c>.</param>
    /// <param name="claims">The ResourceClaimTemplate.</param>
    public static void Use(JsonObject pod, JsonObject claims)
    {
        if (pod["containers"] is not JsonArray { Count: > 0 } containers || containers[0] is not JsonObject first)
            return;
        pod["resourceClaims"] = new JsonArray(new JsonObject { ["name"] = Request, ["resourceClaimTemplateName"] = claims["metadata"]!["name"]!.ToString() });
        first.Member("resources")["claims"] = new JsonArray(new JsonObject { ["name"] = Request });
    }

    private static JsonObject Asked(WorkloadDecision decision, ICandidate placement, IEnumerable<ICandidate> same)
    {
        List<(ICandidate Candidate, PoolEntry Entry)> choices = [.. same
            .Where(other => other.Verdict == placement.Verdict && other.Nodes == placement.Nodes && other.GpusPerNode == placement.GpusPerNode)
            .Select(other => (other, decision.Inventory.Find(other.Pool.Name)!))
            .Where(other => other.Item2.Device is { Product: not null } && SelectsAs(other.Item2, decision.Entry!))
            .DistinctBy(other => other.Item2.Device!.Product)
            .Take(MostChoices)];
        if (choices.Count < 2)
            return new JsonObject { ["name"] = Request, ["exactly"] = Devices(decision, placement, decision.Entry!, byProduct: false) };
        return new JsonObject
        {
            ["name"] = Request,
            ["firstAvailable"] = new JsonArray([.. choices.Select((choice, at) =>
            {
                var devices = Devices(decision, choice.Candidate, choice.Entry, byProduct: true);
                devices["name"] = string.Create(CultureInfo.InvariantCulture, $"choice-{at + 1}");
                return (JsonNode?)devices;
            })]),
        };
    }

    /// <summary>Pods select the nodes of the plan's pool: another choice must be one of the same nodes.</summary>
    private static bool SelectsAs(PoolEntry entry, PoolEntry placed) =>
        entry.NodeSelector.Count == placed.NodeSelector.Count && placed.NodeSelector.All(label => entry.NodeSelector.GetValueOrDefault(label.Key) == label.Value);

    private static JsonObject Devices(WorkloadDecision decision, ICandidate candidate, PoolEntry entry, bool byProduct)
    {
        var device = entry.Device!;
        var selectors = new List<string>();
        if (byProduct)
            selectors.Add($"device.attributes[\"{device.Driver}\"].productName == \"{device.Product}\"");
        if (NeededMiB(candidate, entry) is { } mib)
            selectors.Add(string.Create(CultureInfo.InvariantCulture, $"device.capacity[\"{device.Driver}\"].memory.compareTo(quantity(\"{mib}Mi\")) >= 0"));
        return new JsonObject
        {
            ["deviceClassName"] = decision.Inventory.Claims.ClassOf(device) ?? device.Driver,
            ["allocationMode"] = "ExactCount",
            ["count"] = candidate.GpusPerNode,
            ["selectors"] = new JsonArray([.. selectors.Select(selector => (JsonNode?)new JsonObject { ["cel"] = new JsonObject { ["expression"] = selector } })]),
        };
    }

    /// <summary>
    /// The expected size, and what the driver keeps of such a device for itself: a device says all that it has. Never more than the devices of the pool have.
    /// </summary>
    private static long? NeededMiB(ICandidate candidate, PoolEntry entry)
    {
        if (entry.Device!.MemoryOfDevice is not { } all || entry.Pool.UsableMemory is not { } usable)
            return null;
        var kept = Math.Max(0, all.Value - usable.Value);
        return Math.Min(all.Value, candidate.Estimate.Expected.Value + kept) / Bytes.PerMiB;
    }
}
