namespace GpuMem.Kubernetes.Queue;

#pragma warning disable CS9113, CA1822
/// <summary>
/// A queue of things that need work. Adding one that waits already changes nothing; one that is being worked on is handed out
/// again only after <see cref="Done"/>.
/// </summary>
public sealed class WorkQueue<T>(TimeProvider timeProvider, WorkQueueOptions? options = null) : IDisposable
    where T : notnull
{
    public int Count => throw new NotImplementedException();

    public void Add(T item) => throw new NotImplementedException();

    /// <summary>Adds it when the delay is over; of two delays the earlier counts.</summary>
    public void AddAfter(T item, TimeSpan delay) => throw new NotImplementedException();

    /// <summary>Adds it after a delay that doubles with each call until <see cref="Forget"/>.</summary>
    public void AddRateLimited(T item) => throw new NotImplementedException();

    public void Forget(T item) => throw new NotImplementedException();

    public int NumRequeues(T item) => throw new NotImplementedException();

    /// <summary>Waits for work; null once the queue is shut down and empty.</summary>
    public ValueTask<WorkItem<T>?> GetAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public void Done(T item) => throw new NotImplementedException();

    /// <summary>Takes nothing more, hands out what waits.</summary>
    public void ShutDown() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
#pragma warning restore CS9113, CA1822
