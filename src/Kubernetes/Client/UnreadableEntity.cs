namespace GpuMem.Kubernetes;

/// <summary>A stored object that our model could not read, e.g. for an enum value that a newer version of its CRD allows.</summary>
public sealed record UnreadableEntity(NamespacedName Name, string Reason);
