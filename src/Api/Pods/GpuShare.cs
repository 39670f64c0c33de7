using System.Globalization;
using GpuMem.Api.Nodes;
using GpuMem.Estimation;

namespace GpuMem.Api.Pods;

/// <summary>
/// A part of a GPU's memory that a pod asks for: it may count on that, and has no more than the card. HAMi, Volcano, Koordinator, KAI (Run:ai) and Tencent
/// (<see cref="DividedCards"/>) each say it in their own way.
/// </summary>
/// <param name="Resource">The resource by which nodes offer such GPUs.</param>
/// <param name="Gpus">Cards of the whole pod.</param>
/// <param name="MiB">Of each card, in MiB; null when it is not said so.</param>
/// <param name="Percent">Of each card, 0 to 100; null when it is not said so.</param>
public sealed record GpuShare(string Resource, int Gpus, long? MiB, decimal? Percent)
{
    public const string KaiFraction = "gpu-fraction";

    public const string KaiMemory = "gpu-memory";

    public const string KaiDevices = "gpu-fraction-num-devices";

    public const string KaiFractionLimit = "gpu-fraction.limit";

    public const string KaiMemoryLimit = "gpu-memory.limit";

    /// <summary>
    /// What KAI's annotations begin with that name a container, which has the fraction: <c>nvidia.com/container.worker.gpu-memory.request</c> and <c>.limit</c>, with a
    /// unit (kai-scheduler/KAI-Scheduler, docs/gpu-sharing, mode NvFractions).
    /// </summary>
    public const string NvFractions = "nvidia.com/container.";

    /// <summary>The same of what a fraction may grow to: <c>kai.scheduler/container.worker.gpu-memory.portion.limit</c>.</summary>
    public const string KaiPortions = "kai.scheduler/container.";

    /// <summary>A variable of the container: a fraction, or bytes as Kubernetes writes them.</summary>
    public const string RunAiLimit = "RUNAI_GPU_MEMORY_LIMIT";

    private const string MemoryLimit = ".gpu-memory.limit";

    private const string RunAiScheduler = "runai-scheduler";

    private const string Koordinator = "koordinator.sh/gpu";

    private const string Hami = GpuResources.Nvidia;

    private const string VolcanoPrefix = "volcano.sh/vgpu-";

    /// <summary>No card has as many MiB; HAMi's own examples write <c>3000M</c>, which are bytes.</summary>
    private const long SmallestBytes = 10_000_000;

    /// <summary>
    /// What it may grow to while others leave it, in MiB: Run:ai's dynamic fractions guarantee what is asked for and lend up to a limit (run-ai-docs.nvidia.com,
    /// resource-optimization/dynamic-fractions; KAI-Scheduler, nvfractions). Null when it may not, or that is said in percent.
    /// </summary>
    public long? LimitMiB { get; init; }

    /// <summary>The same in percent of the card.</summary>
    public decimal? LimitPercent { get; init; }

    /// <summary>
    /// Something on the node holds the pod to its part. KAI only counts what is asked for: unless HAMi-core or MPS is set up beside it, a container finds all of the GPU
    /// that others leave (kai-scheduler/KAI-Scheduler, docs/gpu-sharing). Run:ai's agent allows no more than the request (run-ai-docs.nvidia.com,
    /// resource-optimization/fractions).
    /// </summary>
    public bool IsEnforced { get; init; } = true;

    /// <summary>KAI counts parts of GPUs of either vendor by the same annotation, by what labels say of the node's memory (pkg/podgroupcontroller, fraction.go).</summary>
    public bool IsOfAnyVendor { get; init; }

    /// <summary>The driver's context alone takes as much.</summary>
    private const long SmallestMiB = 256;

    /// <summary>The resource tells which part of a GPU is asked for, and is none itself.</summary>
    public static bool IsPart(string resource) =>
        resource is $"{Hami}mem" or $"{Hami}mem-percentage" or $"{Hami}cores" || resource.StartsWith(VolcanoPrefix, StringComparison.Ordinal)
        || DividedCards.IsPart(resource) || resource == Koordinator || resource.StartsWith(Koordinator + "-", StringComparison.Ordinal) || resource == Koordinator + ".shared";

    /// <summary>Null for a pod that asks for whole GPUs, or for none.</summary>
    public static GpuShare? Of(V1Pod pod) => Annotated(pod.Annotations()) is { } share
        ? Limited(share, Limit(pod)) with { IsEnforced = share.IsEnforced || Limit(pod) is not null || pod.Spec?.SchedulerName == RunAiScheduler, Gpus = PodGpus.Of(pod.Spec).Count is > 0 and var whole ? (int)Math.Min(whole, int.MaxValue) : share.Gpus }
        : Of(pod.Spec);

    /// <summary>The same of a pod of which only the <c>spec</c> is known: KAI's annotations are beside it.</summary>
    public static GpuShare? Of(V1PodSpec? pod)
    {
        if (!PodGpus.Amounts(pod).Exists(amount => IsPart(amount.Key)))
            return null;
        if (Most(pod, VolcanoPrefix + "number") is { } number)
            return Share(GpuResources.Volcano, number, Most(pod, VolcanoPrefix + "memory"), Most(pod, VolcanoPrefix + "memory-percentage"));
        if (Most(pod, Hami + "mem") is { } memory)
            return Share(Hami, Most(pod, Hami), memory, null);
        if (Most(pod, Hami + "mem-percentage") is { } percent)
            return Share(Hami, Most(pod, Hami), null, percent);
        return Most(pod, Hami + "cores") is not null ? Share(Hami, Most(pod, Hami), null, null) : DividedCards.Of(pod) ?? OfKoordinator(pod);
    }

    /// <summary>The pools where a pod may get its part.</summary>
    /// <param name="pod">The pod's <c>spec</c>.</param>
    public PoolInventory Reached(PoolInventory inventory, V1PodSpec? pod) =>
        IsOfAnyVendor ? new([.. PoolReach.Of(inventory, pod, Resource).Entries, .. PoolReach.Of(inventory, pod, GpuResources.Amd).Entries]) : PoolReach.Of(inventory, pod, Resource);

    /// <summary>The pools that it reaches, each with what the pod gets of one card.</summary>
    public PoolInventory On(PoolInventory reached) => new([.. reached.Entries.Select(entry =>
    {
        var mib = entry.Nodes.Count > 0 ? MiB * entry.Nodes.Max(node => node.ShareUnitMiB) : MiB;
        return entry with
        {
            Pool = entry.Pool with
            {
                UsableMemory = entry.Pool.UsableMemory is { } card ? Part(card, mib) : null,
                LargestMemory = (entry.Pool.LargestMemory ?? entry.Pool.UsableMemory) is { } most ? IsEnforced ? Bytes.Max(Part(most, mib), Lent(most)) : most
                    : mib is { } known && LimitPercent is null && IsEnforced ? Bytes.FromMiB(Math.Max(known, LimitMiB ?? 0)) : null,
                // No server and no training asks for so little: it counts in pieces of a size that the nodes do not tell, as 24 of 1024 MiB.
                Unknown = mib < SmallestMiB ? $"the pod asks for {MiB} of a GPU's memory, in a unit that the nodes do not tell" : entry.Pool.Unknown,
            },
        };
    })]);

    private Bytes Part(Bytes card, long? asked)
    {
        if (asked is { } mib)
            return Bytes.Min(card, Bytes.FromMiB(mib));
        return Percent is { } percent ? new Bytes((long)(card.Value * Math.Clamp(percent, 0, 100) / 100)) : card;
    }

    private Bytes Lent(Bytes card) =>
        LimitMiB is { } mib ? Bytes.Min(card, Bytes.FromMiB(mib)) : new Bytes((long)(card.Value * Math.Clamp(LimitPercent ?? 0, 0, 100) / 100));

    private static string? Limit(V1Pod pod) =>
        pod.Annotations()!.TryGetValue(KaiFractionLimit, out var said) || pod.Annotations()!.TryGetValue(KaiMemoryLimit, out said) ? said
        : (OfContainer(pod.Annotations()!, NvFractions, MemoryLimit) ?? OfContainer(pod.Annotations()!, KaiPortions, ".gpu-memory.portion.limit")) is { } named ? named
        : PodGpus.ContainersOf(pod.Spec).SelectMany(container => container.Env ?? []).FirstOrDefault(variable => variable?.Name == RunAiLimit)?.Value;

    private static GpuShare Limited(GpuShare share, string? limit) =>
        decimal.TryParse(limit, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction) && fraction is > 0 and <= 1 ? share with { LimitPercent = fraction * 100 }
        : Quantity.TryParse(limit, out var bytes) && bytes.ToInt64() >= SmallestBytes ? share with { LimitMiB = bytes.ToInt64() / Bytes.PerMiB }
        : share;

    private static GpuShare? Annotated(IDictionary<string, string>? annotations)
    {
        if (annotations is null)
            return null;
        var devices = annotations.TryGetValue(KaiDevices, out var count) && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1024 ? number : 1;
        if (annotations.TryGetValue(KaiFraction, out var fraction) && decimal.TryParse(fraction, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var part) && part is > 0 and <= 1)
            return new GpuShare(GpuResources.Nvidia, devices, null, part * 100) { IsEnforced = false, IsOfAnyVendor = true };
        // A limit without a request is both.
        if (Quantity.TryParse(OfContainer(annotations, NvFractions, ".gpu-memory.request") ?? OfContainer(annotations, NvFractions, MemoryLimit), out var asked) && asked.ToInt64() >= SmallestBytes)
            return new GpuShare(GpuResources.Nvidia, devices, asked.ToInt64() / Bytes.PerMiB, null);
        return annotations.TryGetValue(KaiMemory, out var memory) && long.TryParse(memory, NumberStyles.None, CultureInfo.InvariantCulture, out var mib) && mib is > 0 and < SmallestBytes
            ? new GpuShare(GpuResources.Nvidia, devices, mib, null) { IsEnforced = false, IsOfAnyVendor = true }
            : null;
    }

    /// <summary>Of one container, for KAI lets no other have a fraction.</summary>
    private static string? OfContainer(IDictionary<string, string> annotations, string prefix, string suffix) => annotations
        .Where(annotation => annotation.Key.StartsWith(prefix, StringComparison.Ordinal) && annotation.Key.EndsWith(suffix, StringComparison.Ordinal))
        .OrderBy(annotation => annotation.Key, StringComparer.Ordinal)
        .Select(annotation => annotation.Value)
        .FirstOrDefault();

    /// <summary>A hundred stands for a card, two hundred for two; memory is in bytes and that of all of them.</summary>
    private static GpuShare? OfKoordinator(V1PodSpec? pod)
    {
        var ratio = Most(pod, Koordinator + "-memory-ratio") ?? Most(pod, Koordinator);
        var memory = Most(pod, Koordinator + "-memory");
        if (ratio is null && memory is null)
            return null;
        var cards = Math.Max(1, Most(pod, Koordinator + ".shared") ?? (ratio is > 100 ? ratio.Value / 100 : 1));
        return Share(Hami, cards, memory / cards, memory is null ? ratio / cards : null);
    }

    private static GpuShare Share(string resource, long? gpus, long? memory, long? percent) => new(
        resource,
        (int)Math.Clamp(gpus ?? 1, 1, 1024),
        memory >= SmallestBytes ? memory / Bytes.PerMiB : memory,
        memory is null ? percent : null);

    /// <summary>Of containers that ask for different parts, the one that gets most is held against the job; null when none asks.</summary>
    internal static long? Most(V1PodSpec? pod, string resource)
    {
        long? most = null;
        foreach (var (name, amount) in PodGpus.Amounts(pod))
            if (name == resource && amount.Value() is > 0 and var value && !(most >= value))
                most = value;
        return most;
    }
}
