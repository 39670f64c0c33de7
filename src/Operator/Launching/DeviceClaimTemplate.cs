using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Planning;

namespace GpuMem.Operator.Launching;

/// <summary>
/// The ResourceClaimTemplate by which the pods of a job get GPUs that only a driver for dynamic resource allocation offers. What the job needs is its selector, so
/// that the scheduler holds each device to it; where several kinds of GPU take the job as it is planned, each is a choice with an estimate of its own.
/// </summary>
internal static class DeviceClaimTemplate
{
    private const string Request = "gpus";

    /// <summary>Kubernetes takes no more (<c>FirstAvailableDeviceRequestMaxSize</c>).</summary>
    private const int MostChoices = 8;

    public static EntityMetadata Type { get; } = EntityMetadata.Of<V1ResourceClaimTemplate>();

    /// <summary>Null where the pods ask for their devices themselves, or get them by a resource.</summary>
    public static JsonObject? Of(TrainingJob owner, JobDecision decision)
    {
        if (decision.Placement is not { } placement || decision.Entry is not { Device: not null } || PodTemplate.Spec(owner.Spec.Template!) is not { } pod)
            return null;
        if (PodGpus.Of(pod).ResourceName is not null || UnknownDevice.Of(pod) is not null || GpuShare.Of(pod) is not null)
            return null;
        var spec = new JsonObject { ["spec"] = new JsonObject { ["devices"] = new JsonObject { ["requests"] = new JsonArray(Asked(decision, placement)) } } };
        var metadata = ChildManifest.Metadata(owner, new JsonObject { [ApiGroup.TrainingJobLabel] = owner.Name() });
        // What a template asks for cannot be changed: another plan has another one.
        metadata["name"] = $"{owner.Name()}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec.ToJsonString())).AsSpan(0, 4))}";
        return new JsonObject { ["apiVersion"] = Type.ApiVersion, ["kind"] = Type.Kind, ["metadata"] = metadata, ["spec"] = spec };
    }

    /// <summary>The pods of a template claim by it.</summary>
    /// <param name="pod">The template's <c>spec</c>.</param>
    /// <param name="claims">What <see cref="Of"/> made.</param>
    public static void Use(JsonObject pod, JsonObject claims)
    {
        if (pod["containers"] is not JsonArray { Count: > 0 } containers || containers[0] is not JsonObject trainer)
            return;
        pod["resourceClaims"] = new JsonArray(new JsonObject { ["name"] = Request, ["resourceClaimTemplateName"] = claims["metadata"]!["name"]!.ToString() });
        trainer.Member("resources")["claims"] = new JsonArray(new JsonObject { ["name"] = Request });
    }

    private static JsonObject Asked(JobDecision decision, Candidate placement)
    {
        List<(Candidate Candidate, PoolEntry Entry)> choices = [.. decision.Plan.Candidates
            .Where(other => other.Verdict == placement.Verdict && other.Job == placement.Job && other.Nodes == placement.Nodes && other.GpusPerNode == placement.GpusPerNode)
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

    private static JsonObject Devices(JobDecision decision, Candidate candidate, PoolEntry entry, bool byProduct)
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
    private static long? NeededMiB(Candidate candidate, PoolEntry entry)
    {
        if (entry.Device!.MemoryOfDevice is not { } all || entry.Pool.UsableMemory is not { } usable)
            return null;
        var kept = Math.Max(0, all.Value - usable.Value);
        return Math.Min(all.Value, candidate.Estimate.Expected.Value + kept) / Bytes.PerMiB;
    }
}
