using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;
using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Templates;

/// <summary>
/// A NodePool of Karpenter (karpenter.sh/v1): its requirements narrow the instance types that it may launch, its limits how many GPUs in all
/// (kubernetes-sigs/karpenter, pkg/apis/v1/nodepool.go).
/// </summary>
internal static class KarpenterNodePool
{
    private const string InstanceType = "node.kubernetes.io/instance-type";

    private static readonly string[] Groups = ["karpenter.k8s.aws", "eks.amazonaws.com"];

    private static readonly string[] GpuNames = [.. Groups.Select(group => $"{group}/instance-gpu-name"), "karpenter.azure.com/sku-gpu-name"];

    /// <summary>
    /// What the families with GPUs begin with, before a number; all others have none. Each cloud has its own: <c>p5</c>, <c>a3</c> (and <c>n1</c>, to which GPUs are
    /// attached), <c>gx3</c>. What a cloud that is not here has, nobody knows.
    /// </summary>
    private static readonly (string Key, string[] Families)[] GpuFamilies =
    [
        .. Groups.SelectMany(group => new[] { ($"{group}/instance-category", new[] { "g", "gr", "p" }), ($"{group}/instance-family", ["g", "gr", "p"]) }),
        ("karpenter.k8s.gcp/instance-category", ["a", "g", "n"]),
        ("karpenter.k8s.gcp/instance-family", ["a", "g", "n1"]),
        ("karpenter-ibm.sh/instance-family", ["gx"]),
        ("karpenter.azure.com/sku-family", ["N"]),
    ];

    /// <summary>Null for what launches no GPU, and for what is none.</summary>
    public static NodeTemplate? Read(JsonObject manifest)
    {
        if (manifest.Text("metadata", "name") is not { } name || manifest["spec"] is not JsonObject spec)
            return null;
        var said = spec["template"].Items("spec", "requirements");
        var labels = spec["template"].Texts("metadata", "labels");
        var (resource, limit) = Limit(spec);
        if (limit == 0 || ExcludesGpus(said))
            return null;
        foreach (var (key, values) in Allowed(said))
            if (values is [var only])
                labels.TryAdd(key, only);
        var nodes = Nodes(said, labels, resource);
        return new NodeTemplate
        {
            Name = name,
            Origin = $"Karpenter NodePool {name}",
            Selector = new Dictionary<string, string> { ["karpenter.sh/nodepool"] = name },
            Taints = spec["template"].Taints("spec", "taints"),
            Nodes = nodes ?? [new TemplateNode(labels, resource, null)],
            IsOpen = nodes is null,
            MostGpus = limit,
        };
    }

    /// <summary>The nodes that the requirements leave, as far as tables know them; null when they leave others, too.</summary>
    private static List<TemplateNode>? Nodes(JsonArray said, Dictionary<string, string> labels, string resource)
    {
        var allowed = Allowed(said).ToLookup(one => one.Key, one => one.Values, StringComparer.Ordinal);
        var types = allowed[InstanceType].FirstOrDefault()
            ?? allowed.Where(one => one.Key.EndsWith("/instance-family", StringComparison.Ordinal)).SelectMany(one => one).FirstOrDefault()?.SelectMany(OfFamily).ToList();
        if (types is { Count: > 0 })
        {
            List<TemplateNode> known = [];
            foreach (var type in types)
                if (InstanceTypes.TryFind(type, out var found))
                    known.Add(new TemplateNode(new Dictionary<string, string>(labels) { [InstanceType] = type }, resource, found.Gpus));
            return known.Count == types.Count ? known : null;
        }

        var names = allowed.Where(one => GpuNames.Contains(one.Key)).SelectMany(one => one.First().Select(value => (one.Key, Value: value))).ToList();
        return names.Count == 0 ? null : [.. names.Select(gpu => new TemplateNode(new Dictionary<string, string>(labels) { [gpu.Key] = gpu.Value }, resource, Count(allowed)))];
    }

    private static int? Count(ILookup<string, List<string>> allowed) => allowed.Where(one => one.Key.EndsWith("/instance-gpu-count", StringComparison.Ordinal)).SelectMany(one => one)
        .Select(values => values.Max(value => int.TryParse(value, CultureInfo.InvariantCulture, out var count) ? count : 0))
        .FirstOrDefault() is > 0 and var most ? most : null;

    private static IEnumerable<string> OfFamily(string family) => InstanceTypes.All.Keys.Where(type => type.StartsWith($"{family}.", StringComparison.OrdinalIgnoreCase)).DefaultIfEmpty(family);

    /// <summary>What is required to be one of some values. What is excluded, or only more or less than a number, leaves more open than a table could list.</summary>
    private static IEnumerable<(string Key, List<string> Values)> Allowed(JsonArray said) => said.OfType<JsonObject>()
        .Where(one => one.Text("operator") == "In" && one["values"] is JsonArray { Count: > 0 } && one.Text("key") is not null)
        .Select(one => (one.Text("key")!, one["values"]!.AsArray().Select(value => value?.ToString() ?? "").ToList()));

    private static bool ExcludesGpus(JsonArray said) =>
        said.OfType<JsonObject>().Any(one => one.Text("operator") == "DoesNotExist" && one.Text("key") is { } key && (GpuNames.Contains(key) || key.EndsWith("/instance-gpu-count", StringComparison.Ordinal)))
        || Allowed(said).Any(one => Array.Exists(GpuFamilies, gpu => gpu.Key == one.Key && !one.Values.Exists(family => Array.Exists(gpu.Families, start => IsOf(family, start)))))
        || Allowed(said).Any(one => one.Key.EndsWith("/instance-gpu-count", StringComparison.Ordinal) && one.Values.TrueForAll(value => value == "0"));

    private static bool IsOfAmd(JsonArray said) => Allowed(said).Any(one => one is { Key: var key, Values: ["amd"] } && key.EndsWith("/instance-gpu-manufacturer", StringComparison.Ordinal));

    /// <summary><c>g6e</c> is of <c>g</c>, <c>p5</c> of <c>p</c>; Azure's <c>ND</c> of <c>N</c>.</summary>
    private static bool IsOf(string family, string start) => family.StartsWith(start, StringComparison.OrdinalIgnoreCase)
        && (start == "N" || family.Length == start.Length || !char.IsAsciiLetter(family[start.Length]));

    private static (string Resource, long? Most) Limit(JsonObject spec)
    {
        foreach (var (resource, value) in spec["limits"] as JsonObject ?? [])
            if (GpuResources.HasPool(resource) && Quantity.TryParse(value?.ToString(), out var most))
                return (resource, Math.Max(0, most.ToInt64()));
        return (IsOfAmd(spec["template"].Items("spec", "requirements")) ? GpuResources.Amd : GpuResources.Nvidia, null);
    }
}
