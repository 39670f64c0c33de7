using Polly;

namespace GpuMem.Kubernetes.Client;

/// <summary>Connections of their own, and how patient calls over them are.</summary>
internal sealed record Lane(HttpMessageInvoker Http, ResiliencePipeline Resilience);
