namespace GpuMem.Webhook.Endpoints;

/// <summary>
/// How many reviews are decided at once. More would not be done sooner, only all of them later: the others wait in turn, and not so long that
/// whoever asks stops waiting.
/// </summary>
public sealed class ReviewTurns(int atOnce) : IDisposable
{
    private readonly SemaphoreSlim _free = new(atOnce, atOnce);

    /// <summary>False when no turn came up in time.</summary>
    public Task<bool> TakeAsync(TimeSpan patience) => _free.WaitAsync(patience);

    public void GiveBack() => _free.Release();

    public void Dispose() => _free.Dispose();
}
