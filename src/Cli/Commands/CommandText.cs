using System.Text.Json.Nodes;
using GpuMem.Api.Pods;

namespace GpuMem.Cli.Commands;

/// <summary>What came of the words of a container's command, for people.</summary>
internal static class CommandText
{
    public static void Write(IReadOnlyList<string> understood, IReadOnlyList<string> withoutEffect, IReadOnlyList<string> notUnderstood)
    {
        Write("Understood", understood);
        Write("Without effect on the GPU's memory", withoutEffect);
        Write("Not understood, and left out of the estimate", notUnderstood);
    }

    /// <summary>One GPU for each rank; a pod that trains or serves alone starts with no fewer.</summary>
    /// <param name="gpus">What the pod asks for.</param>
    /// <param name="ranks">Those in this pod.</param>
    /// <param name="what">What they are.</param>
    /// <returns>Null where the two agree, or the pod asks for none.</returns>
    public static string? Division(PodGpus gpus, int ranks, string what) =>
        gpus.Count == 0 || gpus.Count == ranks ? null
        : gpus.Count < ranks ? $"The pod asks for {gpus.Count} of {gpus.ResourceName}, and {what} takes {ranks}: set {gpus.ResourceName} to {ranks}, unless other pods hold the rest."
        : $"The pod asks for {gpus.Count} of {gpus.ResourceName}, and {what} uses {ranks} of them in each replica.";

    /// <summary>For machines.</summary>
    public static JsonArray Json(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);

    private static void Write(string what, IReadOnlyList<string> words)
    {
        if (words.Count > 0)
            Console.Out.WriteLine($"{what}: {string.Join(", ", words)}.");
    }
}
