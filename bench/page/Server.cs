using System.Diagnostics;
using GpuMem.Bench.Common;
using GpuMem.TestKit;

namespace GpuMem.Bench.Page;

/// <summary><c>gpumem ui</c> on a free port: the binary that GPUMEM_BINARY names, else that of hack/native.sh, else the debug build.</summary>
internal sealed class Server : IDisposable
{
    private readonly Process _process;

    private Server(Process process, Uri url) => (_process, Url, Usage) = (process, url, new Usage(process.Id));

    public Uri Url { get; }

    public Usage Usage { get; }

    public static async Task<Server> StartAsync()
    {
        var process = Process.Start(Start()) ?? throw new InvalidOperationException("gpumem could not be started");
        // A benchmark that fails leaves no process behind.
        AppDomain.CurrentDomain.UnhandledException += (_, _) => process.Kill();
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("gpumem ui ended before it said where the page is");
        return new Server(process, new Uri(line.Split(' ')[3]));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private static ProcessStartInfo Start()
    {
        var native = Path.Combine(RepositoryRoot.Path, "artifacts/native/gpumem");
        var built = Path.Combine(RepositoryRoot.Path, "artifacts/bin/GpuMem.Cli/debug/gpumem.dll");
        string[] ui = ["ui", "--port", "0"];
        var start = Environment.GetEnvironmentVariable("GPUMEM_BINARY") is { Length: > 0 } named ? new ProcessStartInfo(named, ui)
            : File.Exists(native) ? new ProcessStartInfo(native, ui)
            : new ProcessStartInfo("dotnet", [built, .. ui]);
        start.RedirectStandardOutput = true;
        return start;
    }
}
