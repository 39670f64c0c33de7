using System.Diagnostics;

namespace GpuMem.TestKit.Faults;

/// <summary>A call that came by.</summary>
/// <param name="Method">GET, POST, PATCH…</param>
/// <param name="Path">Without the query.</param>
/// <param name="IsWatch">Its answer is a stream of events.</param>
/// <param name="Timestamp">Of <see cref="Stopwatch"/>, when it came.</param>
public sealed record ApiCall(string Method, string Path, bool IsWatch, long Timestamp)
{
    public bool IsWrite => Method is not ("GET" or "HEAD" or "OPTIONS");

    /// <summary>The plural, with a subresource as in <c>trainingjobs/status</c>; empty for what is no resource, such as /version.</summary>
    public string Resource
    {
        get
        {
            var parts = Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var start = parts switch { ["api", ..] => 2, ["apis", ..] => 3, _ => parts.Length };
            if (parts.Length > start + 2 && parts[start] == "namespaces")
                start += 2;
            return parts.Length <= start ? "" : parts.Length > start + 2 ? $"{parts[start]}/{parts[start + 2]}" : parts[start];
        }
    }
}
