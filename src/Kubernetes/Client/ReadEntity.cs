namespace GpuMem.Kubernetes.Client;

/// <summary>One object of a list or a watch: either it could be read, or we know which one could not.</summary>
internal readonly record struct ReadEntity<T>(T? Entity, UnreadableEntity? Unreadable)
    where T : class;
