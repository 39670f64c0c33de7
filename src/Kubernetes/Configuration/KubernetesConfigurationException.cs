namespace GpuMem.Kubernetes;

/// <summary>We do not know how to reach a cluster. The message is for the person who can change that.</summary>
public sealed class KubernetesConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException);
