using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GpuMem.TestKit;

namespace GpuMem.Bench.Common;

/// <summary><c>gpumem operator</c> or <c>gpumem webhook</c> as its pod runs it, of any build, with what it takes and how soon it is ready.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;

    private readonly Uri _ready;

    private readonly Stopwatch _age = Stopwatch.StartNew();

    private MeasuredProcess(Process process, int port, int healthPort)
    {
        (_process, Usage) = (process, new(process.Id));
        (Url, _ready) = (new($"https://127.0.0.1:{port}"), new($"http://127.0.0.1:{healthPort}/readyz"));
    }

    /// <summary>Where a webhook is asked.</summary>
    public Uri Url { get; }

    public Usage Usage { get; }

    public TimeSpan Age => _age.Elapsed;

    /// <param name="command"><c>operator</c> or <c>webhook</c>.</param>
    /// <param name="kubeconfig">What it may do, and where.</param>
    /// <param name="log">The file that gets what it says.</param>
    /// <param name="build">A native binary, or a DLL for <c>dotnet</c>; null for the one that tests run.</param>
    public static MeasuredProcess Start(string command, string kubeconfig, string log, string? build = null)
    {
        var (port, healthPort) = (FreePort(), FreePort());
        string[] args =
        [
            command, "--kubeconfig", kubeconfig, "--namespace", "default", "--address", "127.0.0.1", "--health-port", $"{healthPort}",
            .. command == "webhook" ? ["--port", $"{port}", "--cert-host", "127.0.0.1", "--shutdown-delay", "0"] : Array.Empty<string>(),
        ];
        var process = new Process { StartInfo = GpuMemExecutable.AsInPod(build is null ? GpuMemExecutable.Start(args) : Of(build, args)) };
        var lines = TextWriter.Synchronized(new StreamWriter(log, append: true) { AutoFlush = true });
        process.OutputDataReceived += (_, line) => lines.WriteLine(line.Data);
        process.ErrorDataReceived += (_, line) => lines.WriteLine(line.Data);
        process.Start();
        // A benchmark that fails leaves no process behind.
        AppDomain.CurrentDomain.UnhandledException += (_, _) => process.Kill();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, port, healthPort);
    }

    /// <summary>Waits until it is ready, and says how long that took since its start.</summary>
    public async Task<TimeSpan> ReadyAsync()
    {
        using var http = new HttpClient();
        while (!await IsReadyAsync(http))
        {
            if (_process.HasExited)
                throw new InvalidOperationException("gpumem ended before it was ready; its log is in artifacts");
            await Task.Delay(Look);
        }
        return Age;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static ProcessStartInfo Of(string build, string[] args)
    {
        var isLibrary = Path.GetExtension(build) == ".dll";
        return new(isLibrary ? "dotnet" : build, isLibrary ? [build, .. args] : args) { RedirectStandardOutput = true, RedirectStandardError = true };
    }

    private async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(_ready);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // It does not listen yet.
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
