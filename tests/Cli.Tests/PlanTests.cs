using System.Text.Json.Nodes;

namespace GpuMem.Cli.Tests;

public sealed class PlanTests : IDisposable
{
    private const string Pools = """
        apiVersion: gpumem.io/v1alpha1
        kind: GpuPool
        metadata: {name: h100}
        spec: {product: NVIDIA-H100-80GB-HBM3, memoryPerGPU: 81559Mi, gpusPerNode: 8, maxNodes: 8, pricePerGPUHour: "3"}
        ---
        apiVersion: gpumem.io/v1alpha1
        kind: GpuPool
        metadata: {name: l4}
        spec: {product: NVIDIA-L4, memoryPerGPU: 23034Mi, gpusPerNode: 8, maxNodes: 2, pricePerGPUHour: "0.7"}
        """;

    private const string Open = """
        apiVersion: gpumem.io/v1alpha1
        kind: TrainingJob
        metadata: {name: open}
        spec:
          model: {name: meta-llama/Llama-3.1-70B}
          training: {sequenceLength: 8192, framework: Megatron, recompute: Auto, microBatchSize: Auto, globalBatchSize: 256}
          parallelism: {tensor: Auto, pipeline: Auto, sharding: Auto, data: Auto}
        """;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_pool_has_a_line_with_what_it_would_take_there()
    {
        var run = await Run.Of("plan", "-m", "llama-3.1-8b", "-s", "8192", "--recompute", "Full", "--nodes", _folder.Write("pools.yaml", Pools));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Matches("(?m)^POOL +VERDICT +GPUS +FREE +PER GPU +OF +ROOM +COST/H +TOKENS/S +NOTE$", run.Output);
        Assert.Matches(@"(?m)^h100 +Fits +\d+ \(\d+x\d+\) +- +[\d.]+ GiB +79.1 GiB +[\d.]+ GiB +[\d.]+ +[\d,]+", run.Output);
        Assert.Matches("(?m)^l4 +", run.Output);
    }

    [Fact]
    public async Task What_is_left_open_is_chosen_and_the_choice_is_what_it_says()
    {
        var (job, pools) = (_folder.Write("open.yaml", Open), _folder.Write("pools.yaml", Pools));
        var best = (await Run.Of("plan", "-f", job, "--nodes", pools, "-o", "json")).Json["candidates"]![0]!;
        Assert.Equal(("h100", "Fits"), ((string)best["pool"]!, (string)best["verdict"]!));

        var chosen = best["chosen"]!.AsObject();
        string Of(string path) => (string)chosen[path]!;
        var closed = (await Run.Of(
            "estimate", "-f", job, "--gpu", "h100-80gb", "-o", "json",
            "--tensor", Of("parallelism.tensor"), "--pipeline", Of("parallelism.pipeline"), "--data", Of("parallelism.data"), "--sharding", Of("parallelism.sharding"),
            "--recompute", Of("training.recompute"), "-b", Of("training.microBatchSize"))).Json;
        Assert.Equal(((long)best["expectedBytes"]!, (long)best["gpus"]!), ((long)closed["expectedBytes"]!, (long)closed["gpus"]!));
    }

    [Fact]
    public async Task Without_pools_it_says_what_one_would_need()
    {
        var run = await Run.Of("plan", "-m", "llama-3.1-70b", "-s", "4096", "--tensor", "auto");
        Assert.Equal(0, run.Status);
        Assert.Matches("(?m)^NVIDIA B200 180GB +Fits", run.Output);
        Assert.Contains("more kinds of GPU with -o wide", run.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?m) \d{5,} \(", run.Output);
    }

    [Fact]
    public async Task Files_without_pools_are_an_error_as_they_are_elsewhere()
    {
        var run = await Run.Of("plan", "-m", "llama-3.1-8b", "-s", "4096", "--pools", _folder.Write("service.yaml", "kind: Service\nmetadata: {name: s}"));
        run.Failed("no Node, no ResourceSlice and no GpuPool in");
    }

    [Fact]
    public async Task A_pool_that_says_too_little_is_named_beside_the_plan()
    {
        var pools = _folder.Write("pools.yaml", Pools + "\n---\nkind: GpuPool\nmetadata: {name: vague}\nspec: {product: NVIDIA-L4}");
        Assert.Contains("GpuPool vague: no node belongs to it; to plan for it before it has one, declare spec.gpusPerNode", (await Run.Of("plan", "-m", "llama-3.1-8b", "-s", "4096", "--pools", pools)).Output);
        Assert.Contains("GpuPool vague", (string)(await Run.Of("plan", "-m", "llama-3.1-8b", "-s", "4096", "--pools", pools, "-o", "json")).Json["remarks"]![0]!);
    }

    [Theory]
    [InlineData("gpusPerNode: 0, maxNodes: 8")]
    [InlineData("gpusPerNode: 8, maxNodes: -2")]
    public async Task A_pool_that_cannot_be_refuses_nothing(string sizes)
    {
        var pools = _folder.Write("pools.yaml", $$"""
            kind: GpuPool
            metadata: {name: odd}
            spec: {product: NVIDIA-H100-80GB-HBM3, {{sizes}}}
            """);
        var run = await Run.Of("plan", "-m", "llama-3.1-8b", "-s", "4096", "--recompute", "Full", "--pools", pools);
        Assert.Equal(0, run.Status);
        Assert.DoesNotContain("Impossible", run.Output);
        Assert.Contains("not counted: spec.", run.Output);
    }

    [Fact]
    public async Task A_pool_that_is_not_there_is_answered_with_those_that_are()
    {
        var job = _folder.Write("job.yaml", Open + "\n  placement: {pools: [nosuch]}");
        var run = await Run.Of("plan", "-f", job, "--pools", _folder.Write("pools.yaml", Pools));
        Assert.Equal(0, run.Status);
        Assert.Contains("none of [nosuch] is known; there are: h100, l4", run.Output);
    }

    [Fact]
    public async Task A_server_has_a_plan_too()
    {
        var server = _folder.Write("server.yaml", """
            apiVersion: gpumem.io/v1alpha1
            kind: ModelServer
            metadata: {name: s}
            spec: {model: {name: meta-llama/Llama-3.1-8B}, contextLength: 8192}
            """);
        var run = await Run.Of("plan", "-f", server, "--nodes", _folder.Write("pools.yaml", Pools));
        Assert.Matches("(?m)^h100 +Fits +1 ", run.Output);
    }

    [Theory]
    [InlineData("parallelism.tensor: 'Atuo' is not a whole number; give one, or Auto", "parallelism: {tensor: Atuo}")]
    [InlineData("parallelism.sharding: 'auto' is not one of None, Optimizer, Gradients, Full, or Auto", "parallelism: {sharding: auto}")]
    [InlineData("training.microBatchSize: Auto divides globalBatchSize, which is not given", "parallelism: {data: 8}")]
    public async Task What_cannot_be_is_said_where_it_stands(string said, string parallelism)
    {
        var job = _folder.Write("bad.yaml", $$"""
            kind: TrainingJob
            metadata: {name: bad}
            spec:
              model: {name: meta-llama/Llama-3.1-8B}
              training: {sequenceLength: 4096, microBatchSize: Auto}
              {{parallelism}}
            """);
        var run = await Run.Of("plan", "-f", job);
        Assert.Equal(1, run.Status);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_of_GPUs_says_nothing_where_the_other_sizes_are_open() => Assert.Contains(
        "--gpus 8 says the data parallel size only where the other sizes are known; give them, or leave --gpus out",
        (await Run.Of("estimate", "-m", "llama-3.1-8b", "-s", "4096", "--tensor", "Auto", "--gpus", "8", "--gpu", "h100-80gb")).Error,
        StringComparison.Ordinal);

    [Fact]
    public async Task The_GPUs_that_are_built_in_are_listed_with_what_a_price_buys()
    {
        Assert.Matches(@"(?m)^NVIDIA H100 SXM 80GB +79.1 GiB +81559 +3350 +989 ", (await Run.Of("gpus")).Output);
        Assert.Matches(@"(?m)^NVIDIA H100 SXM 80GB .* 2.5 +31.6 +1340.0 +395.6$", (await Run.Of("gpus", "--price", "h100-80gb=2.5")).Output);
        Assert.Contains("give NAME=PRICE", (await Run.Of("gpus", "--price", "h100-80gb=-1")).Error, StringComparison.Ordinal);
        Assert.True((await Run.Of("gpus", "-o", "json")).Json.AsArray().Count > 90);
    }
}
