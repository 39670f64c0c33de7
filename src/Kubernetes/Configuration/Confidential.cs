namespace GpuMem.Kubernetes.Configuration;

/// <summary>May hold a token, a key or a password: its text form shows nothing of it.</summary>
internal abstract record Confidential
{
    public sealed override string ToString() => GetType().Name;
}
