using System.Collections.Concurrent;
using System.Text.Json;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Decisions;

/// <summary>TrainingJobs that are written into an annotation. Many pods carry the same one, which is read once.</summary>
internal static class InlineJobs
{
    /// <summary>Annotations that are remembered; when there are more, all are forgotten.</summary>
    private const int Most = 256;

    private static readonly ConcurrentDictionary<string, (TrainingJob? Job, string? Problem)> Known = new(StringComparer.Ordinal);

    /// <param name="text">What the annotation says.</param>
    /// <param name="problem">Why it is no TrainingJob's spec; null when it is one.</param>
    public static TrainingJob? Read(string text, out string? problem)
    {
        if (!Known.TryGetValue(text, out var known))
        {
            if (Known.Count >= Most)
                Known.Clear();
            Known[text] = known = Parse(text);
        }

        problem = known.Problem;
        return known.Job;
    }

    private static (TrainingJob?, string?) Parse(string text)
    {
        try
        {
            if (KubernetesYaml.LoadAllFromString<TrainingJobSpec>(text, ApiJson.Default) is not [{ } spec])
                return (null, "it is not one object");
            return (new TrainingJob { Metadata = new V1ObjectMeta { Uid = Identity(text), Generation = 1 }, Spec = spec }, null);
        }
        catch (JsonException error)
        {
            return (null, JsonProblem.Describe(error));
        }
        catch (FormatException error)
        {
            return (null, error.Message);
        }
    }

    /// <summary>Decisions about it are remembered by its words.</summary>
    private static string Identity(string text) => $"{ApiGroup.SpecAnnotation} {text}";
}
