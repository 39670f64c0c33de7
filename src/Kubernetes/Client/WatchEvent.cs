namespace GpuMem.Kubernetes;

/// <summary>
/// One line of a watch. <see cref="Object"/> is set except with <see cref="WatchEventType.Error"/>, which carries a
/// <see cref="Status"/>; a bookmark's object has a resource version and little else.
/// </summary>
public readonly record struct WatchEvent<T>(WatchEventType Type, T? Object, V1Status? Status = null)
    where T : class;

/// <summary>What a line of a watch tells.</summary>
public enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}
