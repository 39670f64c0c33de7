using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Serving;

namespace GpuMem.Api.Commands;

/// <summary>How many pictures, films and sounds a prompt may have, as vLLM's --limit-mm-per-prompt says it: an object of JSON, or <c>image=2,video=0</c>.</summary>
internal static class PictureLimits
{
    /// <returns>False where the text is neither.</returns>
    public static bool Set(CommandSettings command, string text)
    {
        if (Limits(text) is not { Count: > 0 } limits)
            return false;
        foreach (var (kind, limit) in limits)
            command.PictureLimits[kind] = limit;
        return true;
    }

    /// <summary>
    /// Limits of zero alone leave the towers out (vllm/config/multimodal.py, language_model_only); one picture is as many as the largest pass has.
    /// </summary>
    /// <returns>What is left out of the estimate; null when nothing.</returns>
    public static string? Complete(IReadOnlyDictionary<string, int> limits, InferenceSettings settings)
    {
        if (!limits.TryGetValue("image", out var pictures) || pictures > 0)
            return null;
        if (!limits.TryGetValue("video", out var films))
            return "no pictures without a word of video, which a model that has it still makes room for";
        settings.TextOnly = films == 0 ? true : settings.TextOnly;
        return null;
    }

    private static Dictionary<string, int>? Limits(string text)
    {
        try
        {
            return text.StartsWith('{') ? OfObject(text) : OfPairs(text);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Each kind with a number, or with an object whose count is one.</summary>
    private static Dictionary<string, int>? OfObject(string text)
    {
        Dictionary<string, int> limits = new(StringComparer.Ordinal);
        foreach (var (kind, limit) in JsonNode.Parse(text)!.AsObject())
        {
            if ((limit is JsonObject options ? options["count"] : limit)?.ToString() is not { } written || !int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return null;
            limits[kind] = count;
        }

        return limits;
    }

    private static Dictionary<string, int>? OfPairs(string text)
    {
        Dictionary<string, int> limits = new(StringComparer.Ordinal);
        foreach (var pair in text.Split(','))
        {
            if (pair.Split('=') is not [var kind, var written] || !int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return null;
            limits[kind] = count;
        }

        return limits;
    }
}
