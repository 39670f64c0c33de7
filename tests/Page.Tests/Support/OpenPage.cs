using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.Playwright;

namespace GpuMem.Page.Tests.Support;

/// <summary>The page in a window of the browser, by what a person sees of it.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _faults = new();

    public OpenPage(IPage tab)
    {
        Tab = tab;
        tab.PageError += (_, error) => _faults.Enqueue(error);
        tab.Console += (_, message) =>
        {
            // What a test takes away on purpose, the browser reports as well.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _faults.Enqueue(message.Text);
        };
    }

    public IPage Tab { get; }

    public ILocator Verdict => Tab.Locator("#verdict");

    public ILocator Notice => Tab.GetByRole(AriaRole.Alert);

    public ILocator Model => Tab.GetByRole(AriaRole.Combobox, new PageGetByRoleOptions { Name = "Search the catalogue" });

    public ILocator Yaml => Tab.Locator("#yaml");

    public ILocator Suggestions => Tab.Locator("#suggestions button");

    /// <summary>Exceptions, and what the content policy forbade.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public ILocator Control(string label) => Tab.GetByLabel(label, new PageGetByLabelOptions { Exact = true });

    public ILocator Button(string name) => Tab.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>As the page writes it into its address.</summary>
    public static string Fragment(JsonNode manifest, string? gpu = Question.H100)
    {
        var state = new JsonObject { ["manifest"] = manifest.DeepClone(), ["gpu"] = gpu };
        using var deflated = new MemoryStream();
        using (var deflate = new DeflateStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(Encoding.UTF8.GetBytes(state.ToJsonString()));
        return $"#{Convert.ToBase64String(deflated.ToArray()).Replace('+', '-').Replace('/', '_').TrimEnd('=')}";
    }

    public async ValueTask DisposeAsync()
    {
        await Tab.Context.DisposeAsync();
        Assert.Empty(_faults);
    }
}
