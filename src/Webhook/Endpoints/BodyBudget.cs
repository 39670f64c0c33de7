namespace GpuMem.Webhook.Endpoints;

/// <summary>How many bytes of reviews all requests together may hold, so that many large ones at once cannot take the memory of the process.</summary>
public sealed class BodyBudget(long bytes)
{
    private long _free = bytes;

    /// <summary>False when so much is not free; nothing is taken then.</summary>
    public bool TryTake(long count)
    {
        if (Interlocked.Add(ref _free, -count) >= 0)
            return true;
        GiveBack(count);
        return false;
    }

    public void GiveBack(long count) => Interlocked.Add(ref _free, count);
}
