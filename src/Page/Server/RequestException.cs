namespace GpuMem.Page.Server;

/// <summary>A request that is not answered; the message says what is wrong with it and what to do.</summary>
internal sealed class RequestException(int status, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;
}
