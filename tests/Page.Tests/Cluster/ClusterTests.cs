using GpuMem.TestKit.InMemory;

namespace GpuMem.Page.Tests.Cluster;

/// <summary>What a cluster has, with the user's own rights, or in words why it is not shown.</summary>
public sealed class ClusterTests(RunningPage alone) : IClassFixture<RunningPage>
{
    [Fact]
    public async Task Pools_jobs_and_servers_are_shown_with_their_verdicts_and_nothing_is_written()
    {
        await using var cluster = await ShownCluster.StartAsync();
        var before = cluster.Api.Writes.Count;
        var read = await cluster.Page.GetAsync("/api/v1/cluster");

        Assert.Equal("Read", (string)read["state"]!);
        Assert.Equal([8], read["pools"]!.AsArray().Select(pool => (int)pool!["gpus"]!));
        Assert.Equal(
            ["TrainingJob team-a/tiny Fits", "ModelServer team-a/large Impossible"],
            read["workloads"]!.AsArray().Select(workload => $"{workload!["kind"]} {workload["namespace"]}/{workload["name"]} {workload["verdict"]}"));
        Assert.Equal(before, cluster.Api.Writes.Count);
    }

    [Fact]
    public async Task A_job_is_held_against_the_pools_of_the_cluster()
    {
        await using var cluster = await ShownCluster.StartAsync();
        var answer = await cluster.Page.PostAsync("/api/v1/estimate", new JsonObject { ["manifest"] = Question.Job(), ["pools"] = true });

        Assert.Equal("Fits", (string)answer["verdict"]!);
        Assert.Equal(["NVIDIA-H100-80GB-HBM3"], answer["candidates"]!.AsArray().Select(candidate => (string)candidate!["product"]!));
    }

    [Fact]
    public async Task Where_no_cluster_was_named_the_page_says_how_to_name_one()
    {
        Assert.Equal("NotGiven", (string)(await alone.GetAsync("/api/v1/cluster"))["state"]!);

        var refused = await alone.PostAsync("/api/v1/estimate", new JsonObject { ["manifest"] = Question.Job(), ["pools"] = true }, HttpStatusCode.Conflict);
        Assert.Contains("--context", (string)refused["error"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list trainingjobs", 404, "Read", "GpuMem is not installed there")]
    [InlineData("list modelservers", 403, "Read", "does not let you see its ModelServers")]
    [InlineData("list nodes", 403, "Forbidden", "Ask for the right to list nodes")]
    [InlineData("list nodes", 401, "Forbidden", "does not let you see its nodes")]
    [InlineData("list nodes", 500, "Unreachable", "cannot be read")]
    public async Task What_the_cluster_refuses_is_told_in_words(string call, int status, string state, string words)
    {
        await using var cluster = await ShownCluster.StartAsync(made =>
        {
            if (made.TrimEnd() == call)
                throw InMemoryApi.Refusal(status, "Refused");
        });
        var read = await cluster.Page.GetAsync("/api/v1/cluster");

        Assert.Equal(state, (string)read["state"]!);
        Assert.Contains(words, (string)read["message"]!, StringComparison.Ordinal);
        Assert.Equal(state == "Read", read["pools"]!.AsArray().Count > 0);
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_is_told()
    {
        await using var cluster = await ShownCluster.StartAsync(_ => throw new HttpRequestException("connection refused"));
        var read = await cluster.Page.GetAsync("/api/v1/cluster");

        Assert.Equal("Unreachable", (string)read["state"]!);
        Assert.Contains("connection refused", (string)read["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_windows_cost_the_cluster_no_more_than_one()
    {
        var lists = 0;
        await using var cluster = await ShownCluster.StartAsync(call => lists += call.TrimEnd() == "list nodes" ? 1 : 0);
        for (var window = 0; window < 5; window++)
            await cluster.Page.GetAsync("/api/v1/cluster");
        Assert.Equal(1, lists);

        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        await cluster.Page.GetAsync("/api/v1/cluster");
        Assert.Equal(2, lists);
    }
}
