using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Tests.Hostile;

/// <summary>What the webhook logs as faults of its own: the exceptions behind its answers.</summary>
internal sealed class Faults : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<Exception> _seen = new();

    /// <summary>The exceptions since the last call.</summary>
    public IReadOnlyList<Exception> Take()
    {
        List<Exception> taken = [];
        while (_seen.TryDequeue(out var fault))
            taken.Add(fault);
        return taken;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null)
            _seen.Enqueue(exception);
    }

    public void Dispose()
    {
    }
}
