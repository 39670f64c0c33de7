namespace GpuMem.Kubernetes.Informers;

/// <summary>A change of the store, told after the store has taken it.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Name">The object.</param>
/// <param name="Old">The last known state; null when added.</param>
/// <param name="New">The state now; null when deleted.</param>
/// <param name="IsReplay">Nothing has changed: a late subscriber is told what there is, or all are told again.</param>
public readonly record struct StoreEvent<T>(StoreEventType Type, NamespacedName Name, T? Old, T? New, bool IsReplay = false)
    where T : class
{
    /// <summary>The new state or, of a deleted object, the last one.</summary>
    public T Entity => New ?? Old ?? throw new InvalidOperationException("A store event concerns some object.");
}

/// <summary>What happened to an object in the store.</summary>
public enum StoreEventType
{
    Added,
    Updated,
    Deleted,
}
