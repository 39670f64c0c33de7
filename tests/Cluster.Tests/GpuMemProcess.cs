using System.Collections.Concurrent;
using System.Diagnostics;
using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>A real <c>gpumem</c> process, as it would run in a pod: it can be killed like one.</summary>
internal sealed class GpuMemProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();

    private readonly Process _process;

    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    private GpuMemProcess(Process process) => _process = process;

    public string Log => string.Join('\n', _log);

    public static GpuMemProcess Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "gpumem.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var started = new GpuMemProcess(new Process { StartInfo = start });
        started._process.OutputDataReceived += (_, line) => started.Take(line.Data);
        started._process.ErrorDataReceived += (_, line) => started.Take(line.Data);
        started._process.Start();
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Waits until the process has logged a line with <paramref name="text"/>.</summary>
    public async Task HasLoggedAsync(string text)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_awaited)
        {
            if (_log.Any(line => line.Contains(text, StringComparison.Ordinal)))
                return;
            _awaited.Add((text, seen));
        }
        var first = await Task.WhenAny(seen.Task, _process.WaitForExitAsync(), Task.Delay(TimeSpan.FromMinutes(1)));
        Assert.True(first == seen.Task, $"'{text}' was never logged. The log:\n{Log}");
    }

    /// <summary>As the kernel's out-of-memory killer ends it: without a chance to tidy up.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_awaited)
        {
            _log.Enqueue(line);
            foreach (var (_, seen) in _awaited.Where(awaited => line.Contains(awaited.Text, StringComparison.Ordinal)))
                seen.TrySetResult();
        }
    }
}
