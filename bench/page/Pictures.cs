using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace GpuMem.Bench.Page;

/// <summary>The pictures of the documentation: what each shows stands in the page's address.</summary>
internal static class Pictures
{
    private const int LargestBytes = 150_000;

    private static readonly (string Name, bool IsDark, int Width, int Height, string State)[] All =
    [
        ("page-light", false, 1160, 780, """
            {"manifest": {"kind": "TrainingJob", "metadata": {"name": "my-job"}, "spec": {"model": {"name": "meta-llama/Llama-3.1-8B"},
             "training": {"sequenceLength": 8192, "microBatchSize": 1, "recompute": "Full"}, "parallelism": {"data": 8}}}, "gpu": "NVIDIA H100 SXM 80GB"}
            """),
        ("page-fixes-dark", true, 1160, 820, """
            {"manifest": {"kind": "TrainingJob", "metadata": {"name": "my-job"}, "spec": {"model": {"name": "meta-llama/Llama-3.1-8B"},
             "training": {"sequenceLength": 16384, "microBatchSize": 1}, "parallelism": {"pipeline": 2, "data": 2}}}, "gpu": "NVIDIA H100 SXM 80GB"}
            """),
        ("page-narrow", false, 360, 780, """
            {"manifest": {"kind": "ModelServer", "metadata": {"name": "my-server"}, "spec": {"model": {"name": "meta-llama/Llama-3.1-8B"},
             "contextLength": 32768, "sequences": 8}}, "gpu": "NVIDIA H100 SXM 80GB"}
            """),
    ];

    public static async Task TakeAsync(Browser browser, Uri url, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, isDark, width, height, state) in All)
        {
            var tab = await browser.OpenAsync(url, width, height, isDark);
            await tab.EvaluateAsync("async state => { const { encode } = await import('/modules/fragment.js'); history.replaceState(null, '', `#${await encode(JSON.parse(state))}`); }", JsonNode.Parse(state)!.ToJsonString());
            await tab.ReloadAsync();
            await Browser.AnsweredAsync(tab);
            if (width < 500)
                await tab.EvaluateAsync("document.getElementById('result').scrollIntoView()");
            var bytes = await tab.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
            if (bytes.Length > LargestBytes)
                throw new InvalidOperationException($"{name}.png has {bytes.Length} bytes, and {LargestBytes} are allowed: show less of the page");
            await Console.Error.WriteLineAsync($"{name}.png: {bytes.Length} bytes");
            await tab.Context.DisposeAsync();
        }
    }
}
