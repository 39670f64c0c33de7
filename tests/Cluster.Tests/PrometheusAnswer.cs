using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GpuMem.Cluster.Tests;

/// <summary>
/// Answers as Prometheus 2.42 did when it scraped dcgm-exporter's text without honouring its labels, as its chart has it by default: the exporter's own pod
/// then has the plain names. Two GPUs are a pod's, the third is nobody's.
/// </summary>
internal sealed class PrometheusAnswer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PrometheusAnswer(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public static async Task<PrometheusAnswer> ServeAsync(string ns, string pod)
    {
        string Series(int gpu, int mib, string owner) => $$"""
            {"metric":{"Hostname":"node-1","UUID":"GPU-{{gpu}}",{{owner}}"device":"nvidia{{gpu}}","gpu":"{{gpu}}","instance":"10.0.0.7:9400","job":"dcgm","modelName":"NVIDIA H100 80GB HBM3","namespace":"gpu-operator","pod":"dcgm-exporter-x"},"value":[1796016054.577,"{{mib}}"]}
            """;
        var owned = $"\"container\":\"trainer\",\"exported_namespace\":\"{ns}\",\"exported_pod\":\"{pod}\",";
        var seen = string.Join(',', Series(0, 60011, owned), Series(1, 61234, owned), Series(2, 4, ""));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/api/v1/query", (string query) => Results.Text(
            $$$"""{"status":"success","data":{"resultType":"vector","result":[{{{(query.StartsWith("max_over_time(DCGM_FI_DEV_FB_USED[", StringComparison.Ordinal) ? seen : "")}}}]}}""", "application/json"));
        await app.StartAsync();
        return new PrometheusAnswer(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
