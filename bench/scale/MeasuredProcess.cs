using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GpuMem.Bench.Common;
using GpuMem.TestKit;

namespace GpuMem.Bench.Scale;

/// <summary><c>gpumem operator</c> or <c>gpumem webhook</c> as its pod runs it.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;

    private readonly Uri _ready;

    private readonly Stopwatch _age = Stopwatch.StartNew();

    private MeasuredProcess(Process process, int port) => (_process, _ready, Usage) = (process, new($"http://127.0.0.1:{port}/readyz"), new(process.Id));

    public Usage Usage { get; }

    public TimeSpan Age => _age.Elapsed;

    /// <param name="command"><c>operator</c> or <c>webhook</c>.</param>
    /// <param name="kubeconfig">What it may do, and where.</param>
    /// <param name="log">The file that gets what it says.</param>
    public static MeasuredProcess Start(string command, string kubeconfig, string log)
    {
        var port = FreePort();
        string[] more = command == "webhook" ? ["--port", $"{FreePort()}", "--shutdown-delay", "0"] : [];
        var start = GpuMemExecutable.Start([command, "--kubeconfig", kubeconfig, "--namespace", "default", "--address", "127.0.0.1", "--health-port", $"{port}", .. more]);
        var process = new Process { StartInfo = start };
        var lines = TextWriter.Synchronized(new StreamWriter(log, append: true) { AutoFlush = true });
        process.OutputDataReceived += (_, line) => lines.WriteLine(line.Data);
        process.ErrorDataReceived += (_, line) => lines.WriteLine(line.Data);
        process.Start();
        // A benchmark that fails leaves no process behind.
        AppDomain.CurrentDomain.UnhandledException += (_, _) => process.Kill();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, port);
    }

    public async Task ReadyAsync()
    {
        using var http = new HttpClient();
        while (!await IsReadyAsync(http))
        {
            if (_process.HasExited)
                throw new InvalidOperationException("it ended before it was ready; its log is in artifacts");
            await Task.Delay(Look);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
