using GpuMem.TestKit.InMemory;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GpuMem.Page.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class ClusterViewTests(Chromium chromium)
{
    [Fact]
    public async Task A_job_of_the_cluster_is_opened_and_held_against_its_pools()
    {
        await using var cluster = await ShownCluster.StartAsync();
        await using var page = await chromium.OpenAsync(served: cluster.Page);
        await page.Button("team-a/large").ClickAsync();

        await Expect(page.Verdict).ToContainTextAsync("Impossible");
        await Expect(page.Model).ToHaveValueAsync("meta-llama/Llama-3.1-70B");
        await Expect(page.Control("Held against")).ToHaveValueAsync("pools of the cluster");
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Every pool of the cluster" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_cluster_that_lets_nobody_in_leaves_the_rest_of_the_page_as_it_is()
    {
        await using var cluster = await ShownCluster.StartAsync(_ => throw InMemoryApi.Refusal(403, "Forbidden", "nodes is forbidden"));
        await using var page = await chromium.OpenAsync(served: cluster.Page);

        await Expect(page.Tab.Locator("#cluster-message")).ToContainTextAsync("nodes is forbidden");
        await Expect(page.Verdict).ToContainTextAsync("Fits");
    }
}
