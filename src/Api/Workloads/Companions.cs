using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>
/// Objects that say what a workload which names them leaves to its controller. Where files hold both, they are read together; in a cluster the workload's pods
/// are looked at, which have it all.
/// </summary>
public static class Companions
{
    /// <summary>The object is one of these.</summary>
    public static bool IsOne(JsonObject manifest) => TrainingRuntimes.IsRuntime(manifest) || ServingConfigs.IsConfig(manifest) || LlmazWorkloads.IsModel(manifest) || NimCaches.IsCache(manifest);

    /// <summary>The object may name one of them, which may stand behind it.</summary>
    public static bool MayComplete(JsonObject manifest) => manifest["kind"]?.ToString() == "TrainJob" || ServingConfigs.IsService(manifest) || LlmazWorkloads.IsPlayground(manifest) || NimCaches.IsService(manifest);

    /// <summary>A workload with what those beside it say; null where it makes no pods that are known, and holds no templates of any.</summary>
    public static Workload? Read(JsonObject manifest, IReadOnlyCollection<JsonObject> beside) => WorkloadReader.Read(
        ServingConfigs.IsService(manifest) ? ServingConfigs.Completed(manifest, beside)
        : LlmazWorkloads.IsPlayground(manifest) ? LlmazWorkloads.Completed(manifest, beside)
        : NimCaches.IsService(manifest) ? NimCaches.Completed(manifest, beside)
        : manifest,
        TrainingRuntimes.Of(manifest, beside)) ?? HeldTemplates.Read(manifest);
}
