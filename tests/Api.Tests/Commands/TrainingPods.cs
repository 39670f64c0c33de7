namespace GpuMem.Api.Tests.Commands;

/// <summary>Pods with one container, and the files that ConfigMaps mount into it.</summary>
internal static class TrainingPods
{
    /// <summary>The directory in which <see cref="Files"/> lie.</summary>
    public const string Directory = "/etc/train";

    public static V1PodSpec Pod(IList<string> command, int gpus = 8, Dictionary<string, string>? environment = null, string? workingDir = null) => new()
    {
        Containers =
        [
            new V1Container
            {
                Name = "train",
                Command = command,
                WorkingDir = workingDir,
                Env = [.. (environment ?? []).Select(pair => new V1EnvVar { Name = pair.Key, Value = pair.Value })],
                Resources = gpus == 0 ? null : new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new($"{gpus}") } },
                VolumeMounts = [new V1VolumeMount { Name = "files", MountPath = Directory }],
            },
        ],
        Volumes = [new V1Volume { Name = "files", ConfigMap = new V1ConfigMapVolumeSource { Name = "files" } }],
    };

    public static V1ConfigMap Files(string name, string text) => new() { Metadata = new V1ObjectMeta { Name = "files" }, Data = new Dictionary<string, string> { [name] = text } };
}
