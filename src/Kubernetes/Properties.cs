using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("GpuMem.Kubernetes.Tests")]
