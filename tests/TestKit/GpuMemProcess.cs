using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace GpuMem.TestKit;

/// <summary>A real <c>gpumem</c> process, as it would run in a pod: it can be killed and frozen like one.</summary>
public sealed class GpuMemProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();

    private readonly Process _process;

    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    private GpuMemProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Of a process that has ended.</summary>
    public int ExitCode => _process.ExitCode;

    public string Log => string.Join('\n', _log);

    public static GpuMemProcess Start(params string[] args)
    {
        var started = new GpuMemProcess(new Process { StartInfo = GpuMemExecutable.AsInPod(GpuMemExecutable.Start(args)) });
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
        await Task.WhenAny(seen.Task, _process.WaitForExitAsync(), Task.Delay(TimeSpan.FromMinutes(1)));
        // It may be the last thing that it said.
        Assert.True(seen.Task.IsCompleted, $"'{text}' was never logged. The log:\n{Log}");
    }

    /// <summary>As the kernel's out-of-memory killer ends it: without a chance to tidy up.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it in the middle of whatever it does (SIGSTOP), as a node that hangs would.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Goes on where it was stopped, with no idea of the time that passed.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Asks it to end, as a kubelet does (SIGTERM).</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    public Task WaitForExitAsync(CancellationToken cancellationToken = default) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string name)
    {
        var (exitCode, _, error) = await Script.RunAsync("kill", [$"-{name}", Id.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(exitCode == 0, $"kill -{name} failed: {error}");
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
