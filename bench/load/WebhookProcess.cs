using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Load;

/// <summary><c>gpumem webhook</c> as its pod runs it, of any build.</summary>
internal sealed class WebhookProcess : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;

    private readonly Uri _ready;

    private readonly Stopwatch _age = Stopwatch.StartNew();

    private WebhookProcess(Process process, int port, int healthPort)
    {
        (_process, Usage) = (process, new(process.Id));
        (Url, _ready) = (new($"https://127.0.0.1:{port}"), new($"http://127.0.0.1:{healthPort}/readyz"));
    }

    public Uri Url { get; }

    public Usage Usage { get; }

    /// <param name="build">A native binary, or a DLL for <c>dotnet</c>.</param>
    public static WebhookProcess Start(string build, string kubeconfig, string log)
    {
        var (port, healthPort) = (FreePort(), FreePort());
        string[] command =
        [
            "webhook", "--kubeconfig", kubeconfig, "--namespace", "default", "--address", "127.0.0.1", "--port", $"{port}",
            "--health-port", $"{healthPort}", "--cert-host", "127.0.0.1", "--shutdown-delay", "0",
        ];
        var isLibrary = Path.GetExtension(build) == ".dll";
        var process = new Process
        {
            StartInfo = new(isLibrary ? "dotnet" : build, isLibrary ? [build, .. command] : command) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        var lines = TextWriter.Synchronized(new StreamWriter(log, append: true) { AutoFlush = true });
        process.OutputDataReceived += (_, line) => lines.WriteLine(line.Data);
        process.ErrorDataReceived += (_, line) => lines.WriteLine(line.Data);
        process.Start();
        // A benchmark that fails leaves no webhook behind.
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
                throw new InvalidOperationException("the webhook ended before it was ready; its log is in artifacts/bench");
            await Task.Delay(Look);
        }
        return _age.Elapsed;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
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
