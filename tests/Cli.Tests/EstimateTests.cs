using System.Text.RegularExpressions;

namespace GpuMem.Cli.Tests;

public sealed class EstimateTests
{
    private static readonly string[] Llama = ["estimate", "--model", "meta-llama/Llama-3.1-8B", "-s", "8192", "--recompute", "Full"];

    [Fact]
    public async Task Each_term_gets_a_bar_and_the_sum_two()
    {
        var run = await Run.Of([.. Llama, "--gpus", "8", "--gpu", "h100-80gb"]);
        Assert.Equal((0, ""), (run.Status, run.Error));
        foreach (var name in new[] { "weights", "optimizer states", "activations", "CUDA context and libraries", "expected", "upper bound" })
            Assert.Matches($"(?m)^{name} +[0-9.]+ GiB  [█▏▎▍▌▋▊▉]*▶?$", run.Output);
        Assert.Contains("Llama-3.1-8B", run.Output);
        Assert.Contains("8 GPUs", run.Output);
        Assert.Matches("(?m)^(Fits|At risk on) ", run.Output);
    }

    [Fact]
    public async Task A_job_that_does_not_fit_the_GPU_says_how_much_is_missing_and_ends_with_2()
    {
        var run = await Run.Of([.. Llama, "--gpu", "a10g"]);
        Assert.Equal(2, run.Status);
        Assert.Matches("(?m)^Impossible on .+ need .+ GiB\\.$", run.Output);
        Assert.Contains("▶", run.Output);
    }

    [Fact]
    public async Task What_would_fix_it_is_told_with_its_number_and_its_patch()
    {
        string[] question = ["estimate", "--model", "meta-llama/Llama-3.1-8B", "-s", "8192", "--gpus", "8", "-b", "4", "--gpu", "a100-80gb"];
        var run = await Run.Of(question);
        Assert.Equal(2, run.Status);
        Assert.Matches("(?m)^Does not fit A100-80GB: needs .+ GiB per GPU; .+ short\\).$".Replace("A100-80GB", ".+", StringComparison.Ordinal), run.Output);
        Assert.Matches("(?m)^Fix: training\\.[a-zA-Z]+=.+ \\([0-9.]+ GiB on 8 GPUs of .+\\).*\\.$", run.Output);
        var suggestion = (await Run.Of([.. question, "-o", "json"])).Json["suggestions"]![0]!;
        Assert.NotNull(suggestion["patch"]!["spec"]);
        Assert.True((long)suggestion["expectedBytes"]! > 0);
    }

    [Fact]
    public async Task Without_a_GPU_there_is_nothing_to_hold_it_against() => Assert.Equal(0, (await Run.Of(Llama)).Status);

    [Fact]
    public async Task Wide_adds_formula_numbers_and_source_of_each_term()
    {
        var run = await Run.Of([.. Llama, "-o", "wide"]);
        Assert.True(Regex.Count(run.Output, "(?m)^    = ") > 5);
    }

    [Fact]
    public async Task JSON_has_all_numbers_in_bytes()
    {
        var json = (await Run.Of([.. Llama, "--gpus", "8", "--gpu", "h100-80gb", "-o", "json"])).Json;
        var (lower, expected, upper) = ((long)json["lowerBoundBytes"]!, (long)json["expectedBytes"]!, (long)json["upperBoundBytes"]!);
        Assert.True(0 < lower && lower <= expected && expected <= upper);
        Assert.Equal(8, (long)json["gpus"]!);
        Assert.InRange((long)json["parameters"]!, 8_000_000_000, 8_100_000_000);
        Assert.Equal(expected, json["terms"]!.AsArray().Sum(term => (long)term!["bytes"]!));
        Assert.All(json["terms"]!.AsArray(), term => Assert.All(["name", "formula", "numbers", "source"], member => Assert.NotEmpty((string)term![member]!)));
        Assert.Contains((string?)json["verdict"], new[] { "Fits", "AtRisk" });
        Assert.InRange((long)json["gpu"]!["usableBytes"]!, 70L << 30, 80L << 30);
        Assert.All(["peakPhase", "confidence", "formulaVersion"], member => Assert.NotEmpty((string)json[member]!));
    }

    [Fact]
    public async Task Weights_gradients_and_states_sharded_over_eight_are_sixteen_bytes_a_parameter_over_eight()
    {
        string[] fixedChoices = ["--method", "Full", "--precision", "BF16Mixed", "--optimizer", "AdamW", "--framework", "PyTorchFSDP", "--sharding", "Full", "-b", "1"];
        var json = (await Run.Of([.. Llama, .. fixedChoices, "--gpus", "8", "-o", "json"])).Json;
        var states = json["terms"]!.AsArray().Where(term => (string?)term!["name"] is "Weights" or "Gradients" or "OptimizerStates" or "MasterWeights");
        Assert.Equal(16 * 8_030_261_248 / 8, states.Sum(term => (long)term!["bytes"]!));
    }

    [Fact]
    public async Task YAML_says_the_same()
    {
        var run = await Run.Of([.. Llama, "-o", "yaml"]);
        Assert.Equal(0, run.Status);
        Assert.Matches("(?m)^expectedBytes: [0-9]+$", run.Output);
    }

    [Fact]
    public async Task An_open_data_parallel_size_is_found_for_the_GPU()
    {
        var run = await Run.Of([.. Llama, "--data", "Auto", "--gpu", "h100-80gb", "-o", "json"]);
        Assert.Equal((0, "Fits"), (run.Status, (string?)run.Json["verdict"]));
        Assert.True((long)run.Json["gpus"]! > 1);
    }

    [Fact]
    public async Task A_file_is_read_and_flags_go_over_it()
    {
        using var folder = new Folder();
        var file = folder.Write("job.yaml", """
            apiVersion: gpumem.io/v1alpha1
            kind: TrainingJob
            metadata: {name: sft}
            spec:
              model: {name: meta-llama/Llama-3.1-8B}
              training: {sequenceLength: 2048, method: Full}
              parallelism: {data: 4}
            """);
        var asIs = (await Run.Of("estimate", "-f", file, "-o", "json")).Json;
        var over = (await Run.Of("estimate", "-f", file, "--method", "lora", "--gpus", "1", "-o", "json")).Json;
        Assert.Equal((4, 1), ((long)asIs["gpus"]!, (long)over["gpus"]!));
        Assert.Contains(over["terms"]!.AsArray(), term => (string?)term!["name"] == "Adapters");
        var piped = await Run.WithInput(await File.ReadAllTextAsync(file), "estimate", "-f", "-", "-o", "json");
        Assert.Equal(asIs.ToJsonString(), piped.Json.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public async Task A_config_json_is_read_with_and_without_the_mark_that_editors_leave(string mark)
    {
        using var folder = new Folder();
        var config = folder.Write("config.json", mark + """{"model_type": "llama", "hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024, "vocab_size": 1000}""");
        var run = await Run.Of("estimate", "--config", config, "-s", "128");
        Assert.Equal((0, ""), (run.Status, run.Error));
    }

    [Fact]
    public async Task A_rough_size_is_enough() => Assert.Equal(0, (await Run.Of("estimate", "--parameters", "7B", "-s", "2048")).Status);

    [Fact]
    public async Task The_same_question_gets_the_same_answer() => Assert.Equal(await Run.Of(Llama), await Run.Of(Llama));
}
