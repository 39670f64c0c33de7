using GpuMem.Api.Nodes.Slices;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Nodes.Claims;

/// <summary>
/// What claims of a cluster ask for (<c>resource.k8s.io/v1</c>): its DeviceClasses, ResourceClaimTemplates and the ResourceClaims that people make by hand, at
/// one moment.
/// </summary>
public sealed class DeviceClaims
{
    public static readonly DeviceClaims None = new([], [], []);

    /// <summary>Pods ask by it for devices of a class as for a resource (KEP-5004).</summary>
    private const string ImplicitPrefix = "deviceclass.resource.kubernetes.io/";

    private const int MostDevices = 1024;

    /// <summary>Selectors of each class.</summary>
    private readonly Dictionary<string, ValueList<string>> _classes;

    /// <summary>By extended resources, the name of the class that each stands for.</summary>
    private readonly Dictionary<string, string> _byResource;

    private readonly Dictionary<(string Namespace, string Name), V1ResourceClaimSpec?> _templates;

    private readonly Dictionary<(string Namespace, string Name), V1ResourceClaimSpec?> _claims;

    /// <param name="classes">All there are.</param>
    /// <param name="templates">A template in a file may have no namespace: it is of any.</param>
    /// <param name="claims">The same of claims.</param>
    public DeviceClaims(IEnumerable<V1DeviceClass> classes, IEnumerable<V1ResourceClaimTemplate> templates, IEnumerable<Resourcev1ResourceClaim> claims)
    {
        var known = ByKey(classes, one => one.Name() ?? "");
        _classes = DriverClasses.Selectors.Where(one => !known.ContainsKey(one.Key)).Concat(known.Select(one => KeyValuePair.Create(one.Key, Expressions(one.Value.Spec?.Selectors)))).ToDictionary(StringComparer.Ordinal);
        // Of classes for one resource the newest counts, then the first by name (KEP-5004).
        _byResource = ByKey(
            known.Values.Where(one => one.Spec?.ExtendedResourceName is not null).OrderBy(one => one.Metadata?.CreationTimestamp).ThenByDescending(one => one.Name(), StringComparer.Ordinal),
            one => one.Spec.ExtendedResourceName).ToDictionary(one => one.Key, one => one.Value.Name() ?? "", StringComparer.Ordinal);
        _templates = ByKey(templates, one => (one.Namespace() ?? "", one.Name() ?? "")).ToDictionary(one => one.Key, V1ResourceClaimSpec? (one) => one.Value.Spec?.Spec);
        _claims = ByKey(claims, one => (one.Namespace() ?? "", one.Name() ?? "")).ToDictionary(one => one.Key, V1ResourceClaimSpec? (one) => one.Value.Spec);
    }

    /// <summary>The GPUs that a pod asks for by claims, or by a resource that stands for a class; null when it asks for nothing so.</summary>
    /// <param name="pod">Its <c>spec</c>.</param>
    /// <param name="ns">Its namespace, in which its claims are.</param>
    public ClaimedDevices? Of(V1PodSpec? pod, string? ns)
    {
        var requests = new List<IReadOnlyList<DeviceChoice>>();
        var asks = false;
        foreach (var claim in pod?.ResourceClaims ?? [])
        {
            asks = true;
            if (Spec(claim, ns) is not { } spec)
                return ClaimedDevices.NotKnown($"no {Name(claim)}");
            foreach (var request in spec.Devices?.Requests ?? [])
                if (Read(request, requests) is { } unknown)
                    return ClaimedDevices.NotKnown($"{Name(claim)}: {unknown}");
        }
        foreach (var resource in PodGpus.Amounts(pod).Select(amount => amount.Key).Distinct(StringComparer.Ordinal))
        {
            if (Class(resource) is not { } name)
                continue;
            asks = true;
            if (!_classes.TryGetValue(name, out var known))
                return ClaimedDevices.NotKnown($"no DeviceClass {name}");
            requests.Add([new DeviceChoice(known, PodGpus.Total(pod, resource))]);
        }
        return asks ? Together(requests) : null;
    }

    /// <summary>The class by which such devices are claimed: the driver's own where it is sure to take them, else the first by name that is; null when none is.</summary>
    public string? ClassOf(DeviceFacts device) => _classes
        .Where(one => one.Value.Count > 0 && one.Value.All(selector => DeviceSelector.Selects(selector, device) == true))
        .Select(one => one.Key)
        .OrderByDescending(name => DriverClasses.Selectors.ContainsKey(name)).ThenBy(name => name, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>The GPUs of one pod, however it asks for them, parts of one included; 0 when that is not known.</summary>
    public long GpusOf(V1Pod pod, string? ns) => PodGpus.Of(pod.Spec).Count is > 0 and var asked ? asked : GpuShare.Of(pod)?.Gpus ?? Of(pod.Spec, ns)?.Count ?? 0;

    /// <summary>Null for a resource that stands for no class, or that plugins offer, too.</summary>
    private string? Class(string resource) =>
        resource.StartsWith(ImplicitPrefix, StringComparison.Ordinal) ? resource[ImplicitPrefix.Length..]
        : !GpuResources.HasPool(resource) ? _byResource.GetValueOrDefault(resource)
        : null;

    private V1ResourceClaimSpec? Spec(V1PodResourceClaim? claim, string? ns) => claim switch
    {
        { ResourceClaimTemplateName: { } template } => Find(_templates, ns, template),
        { ResourceClaimName: { } name } => Find(_claims, ns, name),
        _ => null,
    };

    private static string Name(V1PodResourceClaim? claim) => claim switch
    {
        { ResourceClaimTemplateName: { } template } => $"ResourceClaimTemplate {template}",
        { ResourceClaimName: { } name } => $"ResourceClaim {name}",
        _ => "claim of that name",
    };

    private static V1ResourceClaimSpec? Find(Dictionary<(string Namespace, string Name), V1ResourceClaimSpec?> among, string? ns, string name) =>
        among.TryGetValue((ns ?? "", name), out var spec) || among.TryGetValue(("", name), out spec) || (ns is null && among.TryGetValue(("default", name), out spec)) ? spec : null;

    /// <returns>Why it cannot be told what is asked for; null when it can.</returns>
    private string? Read(V1DeviceRequest? request, List<IReadOnlyList<DeviceChoice>> requests)
    {
        var choices = new List<DeviceChoice>();
        if (request?.Exactly is { } exactly)
        {
            // Who watches devices that others have takes none from them.
            if (exactly.AdminAccess == true)
                return null;
            if (Read(exactly.DeviceClassName, exactly.Selectors, exactly.AllocationMode, exactly.Count, exactly.Capacity, choices) is { } unknown)
                return unknown;
        }
        else if (request?.FirstAvailable is { Count: > 0 } available)
        {
            foreach (var one in available)
                if (Read(one?.DeviceClassName, one?.Selectors, one?.AllocationMode, one?.Count, one?.Capacity, choices) is { } unknown)
                    return unknown;
        }
        else
        {
            return $"request {request?.Name} is of a kind that is not read";
        }
        requests.Add(choices);
        return null;
    }

    private string? Read(string? className, IList<V1DeviceSelector>? selectors, string? mode, long? count, V1CapacityRequirements? capacity, List<DeviceChoice> choices)
    {
        if (!_classes.TryGetValue(className ?? "", out var known))
            return $"no DeviceClass {className}";
        if (Capacity(capacity, "partitions") is not (null or 1))
            return "several partitions of a device";
        choices.Add(new DeviceChoice(new ValueList<string>([.. known, .. Expressions(selectors)]), mode == "All" ? null : Math.Clamp(count ?? 1, 1, MostDevices))
        {
            Memory = Capacity(capacity, "memory") is { } memory ? new Estimation.Bytes(memory) : null,
        });
        return null;
    }

    /// <summary>A name without a domain belongs to that of the driver.</summary>
    private static long? Capacity(V1CapacityRequirements? capacity, string name) => (capacity?.Requests ?? new Dictionary<string, ResourceQuantity>())
        .Where(asked => asked.Key == name || asked.Key.EndsWith($"/{name}", StringComparison.Ordinal))
        .Select(asked => asked.Value?.Value())
        .FirstOrDefault();

    private static ValueList<string> Expressions(IList<V1DeviceSelector>? selectors) => new([.. (selectors ?? []).Select(selector => selector?.Cel?.Expression).OfType<string>()]);

    /// <summary>Requests for the same GPUs are one for more of them; of different ones nobody here knows which the job runs on.</summary>
    private static ClaimedDevices Together(List<IReadOnlyList<DeviceChoice>> requests)
    {
        var gpus = requests.FindAll(choices => choices.Any(IsGpu));
        if (gpus.Count == 0)
            return ClaimedDevices.None;
        var first = gpus[0];
        if (gpus.Exists(other => !other.Select(choice => (choice.Selectors, choice.Memory)).SequenceEqual(first.Select(choice => (choice.Selectors, choice.Memory)))))
            return ClaimedDevices.NotKnown("GPUs of several kinds");
        if (first.Any(choice => choice.Count is null || choice.Count != first[0].Count) || gpus.SelectMany(choices => choices).Any(choice => choice.Count is null))
            return ClaimedDevices.NotKnown("how many depends on what is free");
        return new ClaimedDevices { Choices = first, Count = gpus.Sum(choices => choices[0].Count) };
    }

    /// <summary>A selector that excludes every driver of GPUs is of another device. What says nothing of a driver may be one.</summary>
    private static bool IsGpu(DeviceChoice choice) => choice.Drivers.Any();

    private static Dictionary<TKey, T> ByKey<TKey, T>(IEnumerable<T> all, Func<T, TKey> key)
        where TKey : notnull
    {
        var known = new Dictionary<TKey, T>();
        foreach (var one in all)
            known[key(one)] = one;
        return known;
    }
}
