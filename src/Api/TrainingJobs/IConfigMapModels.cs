using System.Diagnostics.CodeAnalysis;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Models that stand in ConfigMaps, from memory: asking never calls the API server.</summary>
public interface IConfigMapModels
{
    /// <param name="problem">Why not, when the result is false: not read yet, missing, or not a config.json.</param>
    bool TryGet(string? ns, ConfigMapKeyReference reference, [NotNullWhen(true)] out ModelArchitecture? model, [NotNullWhen(false)] out string? problem);
}

/// <summary>Where there is no cluster there are no ConfigMaps.</summary>
public sealed class NoConfigMaps : IConfigMapModels
{
    public static readonly NoConfigMaps Instance = new();

    public bool TryGet(string? ns, ConfigMapKeyReference reference, [NotNullWhen(true)] out ModelArchitecture? model, [NotNullWhen(false)] out string? problem)
    {
        (model, problem) = (null, "a ConfigMap can only be read in a cluster; put the config.json into model.config");
        return false;
    }
}
