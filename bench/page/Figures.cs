using Microsoft.Playwright;

namespace GpuMem.Bench.Page;

/// <summary>What a browser measures of the page.</summary>
internal static class Figures
{
    /// <summary>Milliseconds from the beginning of the navigation to the first verdict, over loads with an empty cache, and the bytes of one.</summary>
    public static async Task<(IReadOnlyList<double> Milliseconds, long Bytes)> LoadsAsync(Browser browser, Uri url, int loads)
    {
        List<double> milliseconds = [];
        long bytes = 0;
        for (var load = 0; load < loads; load++)
        {
            var tab = await browser.OpenAsync(url);
            milliseconds.Add(await tab.EvaluateAsync<double>("window.answeredAt"));
            await tab.WaitForLoadStateAsync(LoadState.NetworkIdle);
            bytes = await tab.EvaluateAsync<long>("[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, one) => sum + one.encodedBodySize, 0)");
            await tab.Context.DisposeAsync();
        }
        return (milliseconds, bytes);
    }

    /// <summary>Milliseconds from a move of the slider to the bar that shows it.</summary>
    public static async Task<IReadOnlyList<double>> MovesAsync(Browser browser, Uri url, int moves)
    {
        var tab = await browser.OpenAsync(url);
        var milliseconds = await tab.EvaluateAsync<double[]>("""
            async moves => {
              const slider = document.getElementById('field-training-sequenceLength-slider');
              const bar = document.getElementById('bar');
              const taken = [];
              for (let move = 0; move < moves; move++) {
                slider.value = 9 + move % 8;
                const answered = new Promise(resolve => {
                  const observer = new MutationObserver(() => { observer.disconnect(); resolve(performance.now()); });
                  observer.observe(bar, { childList: true });
                });
                const moved = performance.now();
                slider.dispatchEvent(new Event('input'));
                taken.push(await answered - moved);
              }
              return taken;
            }
            """, moves);
        await tab.Context.DisposeAsync();
        return milliseconds;
    }
}
