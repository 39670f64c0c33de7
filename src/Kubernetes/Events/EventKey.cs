namespace GpuMem.Kubernetes.Events;

/// <summary>What makes two events the same. Not the note: it often holds numbers that change each time.</summary>
internal sealed record EventKey(EventType Type, string Action, string Reason, V1ObjectReference Regarding);
