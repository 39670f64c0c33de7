using System.Diagnostics;

namespace GpuMem.TestKit;

/// <summary>
/// <c>gpumem</c> as a program of its own: the executable that GPUMEM_BINARY names, such as the native one that hack/native.sh makes, else
/// gpumem.dll, which lies beside whoever asks.
/// </summary>
public static class GpuMemExecutable
{
    private static string? Named => Environment.GetEnvironmentVariable("GPUMEM_BINARY") is { Length: > 0 } path ? path : null;

    /// <summary>It is the one that GPUMEM_BINARY names.</summary>
    public static bool IsNamed => Named is not null;

    public static string Program => Named ?? "dotnet";

    public static string[] Arguments(params IEnumerable<string> args) => Named is null ? [Path.Combine(AppContext.BaseDirectory, "gpumem.dll"), .. args] : [.. args];

    public static ProcessStartInfo Start(params IEnumerable<string> args) => new(Program, Arguments(args)) { RedirectStandardOutput = true, RedirectStandardError = true };

    /// <summary>With the variables that the chart sets for operator and webhook: they change what these take.</summary>
    public static ProcessStartInfo AsInPod(ProcessStartInfo start)
    {
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["SSL_CERT_FILE"] = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
        start.Environment["SSL_CERT_DIR"] = "/var/run/secrets/kubernetes.io/serviceaccount";
        if (start.ArgumentList.Contains("operator"))
            start.Environment["DOTNET_GCConserveMemory"] = "9";
        return start;
    }
}
