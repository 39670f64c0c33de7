using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults;

/// <summary>The etcd behind the API server.</summary>
internal sealed class Etcd : IDisposable
{
    private const string InUse = "etcd_mvcc_db_total_size_in_use_in_bytes ";

    private readonly HttpClient _http;

    private Etcd(string address) => _http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(5) };

    public static async Task<Etcd> OfAsync(ControlPlane plane) =>
        new((await File.ReadAllTextAsync(Path.Combine(plane.Folder, "etcd.address"))).Trim());

    /// <summary>Forgets all but the newest version of everything, and returns when that is done.</summary>
    public async Task CompactAsync()
    {
        using var status = await _http.PostAsJsonAsync("/v3/maintenance/status", new { });
        var revision = (await status.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("header").GetProperty("revision").GetString();
        using var compacted = await _http.PostAsJsonAsync("/v3/kv/compaction", new { revision, physical = true });
        compacted.EnsureSuccessStatusCode();
    }

    /// <summary>
    /// Megabytes in use by what is there to stay: versions that were overtaken go with the API server's next compaction, at most 5 min later, and
    /// the pages that it frees are used again.
    /// </summary>
    public async Task<double> SizeAsync()
    {
        await CompactAsync();
        var metrics = await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = metrics.Split('\n').First(line => line.StartsWith(InUse, StringComparison.Ordinal));
        return Math.Round(double.Parse(line[InUse.Length..], CultureInfo.InvariantCulture) / 1e6, 1);
    }

    /// <summary>Megabytes of keys and values below a prefix, without the pages around them.</summary>
    public async Task<double> BytesAsync(string prefix)
    {
        // The end of a prefix's range is the prefix with its last byte one higher.
        var end = Encoding.UTF8.GetBytes(prefix);
        end[^1]++;
        using var range = await _http.PostAsJsonAsync("/v3/kv/range", new { key = Encoding.UTF8.GetBytes(prefix), range_end = end });
        using var found = await JsonDocument.ParseAsync(await range.EnsureSuccessStatusCode().Content.ReadAsStreamAsync());
        var bytes = found.RootElement.TryGetProperty("kvs", out var pairs)
            ? pairs.EnumerateArray().Sum(pair => (long)pair.GetProperty("key").GetBytesFromBase64().Length + pair.GetProperty("value").GetBytesFromBase64().Length)
            : 0;
        return Math.Round(bytes / 1e6, 1);
    }

    public void Dispose() => _http.Dispose();
}
