using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GpuMem.Bench.Common;
using GpuMem.TestKit;

namespace GpuMem.Bench.Scale;

/// <summary><c>gpumem operator</c> as its pod runs it.</summary>
internal sealed class OperatorProcess : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;

    private readonly Uri _ready;

    private readonly Stopwatch _age = Stopwatch.StartNew();

    private OperatorProcess(Process process, int port) => (_process, _ready, Usage) = (process, new($"http://127.0.0.1:{port}/readyz"), new(process.Id));

    public Usage Usage { get; }

    public TimeSpan Age => _age.Elapsed;

    public static OperatorProcess Start(string kubeconfig, string log)
    {
        var port = FreePort();
        var start = GpuMemExecutable.Start("operator", "--kubeconfig", kubeconfig, "--namespace", "default", "--address", "127.0.0.1", "--health-port", $"{port}");
        var process = new Process { StartInfo = start };
        var lines = TextWriter.Synchronized(new StreamWriter(log, append: true) { AutoFlush = true });
        process.OutputDataReceived += (_, line) => lines.WriteLine(line.Data);
        process.ErrorDataReceived += (_, line) => lines.WriteLine(line.Data);
        process.Start();
        // A benchmark that fails leaves no operator behind.
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
                throw new InvalidOperationException("the operator ended before it was ready");
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
