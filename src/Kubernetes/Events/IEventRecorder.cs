namespace GpuMem.Kubernetes.Events;

/// <summary>Tells people what happened to an object, in `kubectl describe` and `kubectl events`.</summary>
public interface IEventRecorder
{
    /// <summary>Returns at once and never throws; when too many wait, the event is dropped and counted.</summary>
    /// <param name="regarding">The object it happened to.</param>
    /// <param name="type">Whether somebody should worry.</param>
    /// <param name="reason">Why, in CamelCase.</param>
    /// <param name="action">What was done or tried, in CamelCase.</param>
    /// <param name="note">The same for a person; cut at 1 KiB.</param>
    void Publish(IKubernetesObject<V1ObjectMeta> regarding, EventType type, string reason, string action, string note);
}

/// <summary>Whether somebody should worry.</summary>
public enum EventType
{
    Normal,
    Warning,
}
