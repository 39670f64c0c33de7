using System.Text.Json.Nodes;

namespace GpuMem.Cli.Tests;

/// <summary><c>gpumem inference</c> with flags as engines spell them, and <c>gpumem evaluate --serving</c>.</summary>
public sealed class ServingTests
{
    private static readonly string Reports = Path.Combine(RepositoryRoot.Path, "tests", "Evaluation.Tests", "Cases", "serving.reports.jsonl");

    [Theory]
    [InlineData("--kv-cache-dtype fp8_e4m3", "--kv-cache-dtype FP8")]
    [InlineData("--kv-cache-dtype fp8_e5m2", "--kv-cache-dtype fp8")]
    [InlineData("--kv-cache-dtype auto", "")]
    [InlineData("--kv-cache-dtype bfloat16", "")]
    [InlineData("--max-model-len 32K", "-s 32768")]
    [InlineData("--max-model-len 128k", "-s 128000")]
    [InlineData("--max-model-len 1M", "-s 1048576")]
    [InlineData("--max-model-len 25.6k", "-s 25600")]
    [InlineData("--max-num-batched-tokens 16K", "--max-num-batched-tokens 16384")]
    [InlineData("--dtype half", "--dtype FP16")]
    [InlineData("--dtype auto", "")]
    [InlineData("--dtype float32", "--dtype fp32")]
    [InlineData("-tp 2", "--tensor 2")]
    [InlineData("--tensor-parallel-size 2 --pipeline-parallel-size 2", "--tensor 2 --pipeline 2")]
    [InlineData("--quantization awq_marlin", "-q AWQ4")]
    [InlineData("--quantization gptq_marlin", "-q GPTQ4")]
    [InlineData("--quantization fp8", "-q FP8")]
    [InlineData("--engine llamacpp -q q4_k_m", "--engine LlamaCpp -q Q4KM")]
    [InlineData("--engine sglang --mem-fraction-static 0.8", "--engine SGLang --gpu-memory-utilization 0.8")]
    [InlineData("--engine llamacpp --cache-type-k q8_0 --cache-type-v q4_0", "--engine LlamaCpp --kv-cache-dtype Q8 --cache-type-v Q4")]
    public async Task What_an_engine_calls_a_value_is_understood(string engines, string ours) =>
        Assert.Equal((await Ask(ours)).ToJsonString(), (await Ask(engines)).ToJsonString());

    [Theory]
    [InlineData("--cache-type-k q8_0 --cache-type-v f16", "cache in Q8, values in FP16")]
    [InlineData("--cache-type-k q8_0", "cache in Q8")]
    public async Task Both_types_of_a_cache_are_said_where_they_differ(string types, string said) =>
        Assert.EndsWith(said, (await Run.Of(["inference", "-m", "meta-llama/Llama-3.1-8B", "--engine", "llamacpp", .. types.Split(' ')])).Output.Split('\n')[1], StringComparison.Ordinal);

    [Theory]
    [InlineData("h100-80gb", 4)]
    [InlineData("h200", 2)]
    public async Task An_open_tensor_size_is_the_smallest_that_serves_on_the_GPU(string gpu, int tensor)
    {
        string[] server = ["inference", "-m", "meta-llama/Llama-3.1-70B", "--max-model-len", "8192", "--gpu", gpu, "-o", "json", "--tensor"];

        Assert.Equal((await Run.Of([.. server, $"{tensor}"])).Output, (await Run.Of([.. server, "auto"])).Output);
    }

    [Fact]
    public async Task An_open_tensor_size_needs_a_GPU_to_choose_it_for() =>
        Assert.Contains("tensor: Auto is chosen for a GPU", (await Run.Of("inference", "-m", "meta-llama/Llama-3.1-70B", "--tensor", "Auto")).Error);

    [Theory]
    [InlineData("--max-model-len 1.5K", "32K")]
    [InlineData("--max-model-len long", "whole number")]
    [InlineData("--max-model-len k", "whole number")]
    [InlineData("--max-model-len 0.0001k", "whole number")]
    [InlineData("--max-model-len 99999999999999999999G", "whole number")]
    [InlineData("--max-model-len 9223372036854775807", "inference.inputLength")]
    [InlineData("--cpu-offload-gb 1,5", "such as 0.9")]
    [InlineData("--gpu-memory-utilization 0,9", "such as 0.9")]
    [InlineData("--kv-cache-dtype fp7", "FP8")]
    [InlineData("--dtype 3", "BF16")]
    [InlineData("--quantization nvfp4 --engine-version 0.8.5", "0.9 is the first")]
    [InlineData("--engine-version newest", "0.19.0")]
    [InlineData("--max-mamba-cache-size 8", "use engine SGLang or LlamaCpp")]
    [InlineData("--engine SGLang --max-mamba-cache-size 0", "use 1 to")]
    [InlineData("--mamba-full-memory-ratio 0.5", "use engine SGLang")]
    [InlineData("--engine SGLang --swa-full-tokens-ratio 1.5", "at most 1")]
    [InlineData("--mamba-ssm-dtype FP8", "FP32, BF16 or FP16")]
    public async Task A_value_that_is_not_there_is_one_error_that_says_what_is(string flags, string said)
    {
        var run = await Run.Of(["inference", "-m", "meta-llama/Llama-3.1-8B", .. flags.Split(' ')]);
        Assert.Equal(1, run.Status);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_in_an_unknown_format_may_not_fit_but_is_not_denied()
    {
        using var folder = new Folder();
        var config = folder.Write("config.json", """
            {"model_type":"llama","hidden_size":8192,"intermediate_size":28672,"num_attention_heads":64,"num_hidden_layers":80,"num_key_value_heads":8,"vocab_size":128256,
             "quantization_config":{"quant_method":"of-tomorrow"}}
            """);
        var run = await Run.Of("inference", "--config", config, "--gpu", "h100-80gb");
        Assert.Equal(0, run.Status);
        Assert.Contains("May not fit", run.Output, StringComparison.Ordinal);
        Assert.Contains("quantization_config.quant_method of-tomorrow is not known", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_share_that_is_not_free_at_start_is_told_with_the_one_that_is()
    {
        var run = await Run.Of("inference", "-m", "llama-3.1-8b", "-s", "8192", "--quantization", "FP8", "--gpu", "l4", "--gpu-memory-utilization", "0.999");

        Assert.Equal(2, run.Status);
        Assert.Contains("VLLM wants 99.9 % of it free at start; its context leaves 21.8 GiB", run.Output, StringComparison.Ordinal);
        Assert.Contains("Fix: memoryFraction=0.97", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_a_cache_must_fit_with_its_weights()
    {
        using var folder = new Folder();
        var config = folder.Write("config.json", """
            {"model_type":"bert","hidden_size":8192,"intermediate_size":32768,"num_attention_heads":64,"num_hidden_layers":32,"vocab_size":30522,"max_position_embeddings":512}
            """);
        var run = await Run.Of("inference", "--config", config, "--engine", "huggingface", "--gpu", "t4-16gb");
        Assert.Equal(2, run.Status);
        Assert.Contains("Does not fit NVIDIA T4", run.Output, StringComparison.Ordinal);
    }

    /// <summary>As Python writes them, and three published configurations of Nemotron have them.</summary>
    [Theory]
    [InlineData("[0, Infinity]")]
    [InlineData("[-Infinity, NaN]")]
    public async Task Numbers_that_JSON_does_not_have_are_read_past(string limits)
    {
        using var folder = new Folder();
        var config = folder.Write("config.json", $$"""
            {"model_type":"llama","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"vocab_size":128256,"time_step_limit":{{limits}}}
            """);
        Assert.Contains("8,030,261,248 parameters", (await Run.Of("inference", "--config", config)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_of_real_engines_are_met_row_by_row()
    {
        var run = await Run.Of("evaluate", "--serving", Reports);
        Assert.Equal(0, run.Status);
        foreach (var id in File.ReadLines(Reports).Select(line => (string)JsonNode.Parse(line)!["id"]!))
            Assert.Contains(id, run.Output, StringComparison.Ordinal);
        Assert.Contains("weights GiB: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("room for the KV cache GiB: ", run.Output, StringComparison.Ordinal);
    }

    /// <summary>Room for the cache within 3 % in the median and 10 % at the ninetieth percentile, weights within 1 %.</summary>
    [Theory]
    [InlineData("weights GiB", "median", 1.0)]
    [InlineData("weights GiB", "90th percentile", 5.0)]
    [InlineData("room for the KV cache GiB", "median", 3.0)]
    [InlineData("room for the KV cache GiB", "90th percentile", 10.0)]
    public async Task Errors_stay_within_what_is_promised(string quantity, string statistic, double percent)
    {
        var run = await Run.Of("evaluate", "--serving", Reports);
        var line = run.Output.Split('\n').Single(text => text.StartsWith(quantity + ": ", StringComparison.Ordinal));
        var stated = line[(line.IndexOf(statistic, StringComparison.Ordinal) + statistic.Length + 1)..].Split('%')[0];
        Assert.InRange(double.Parse(stated, System.Globalization.CultureInfo.InvariantCulture), 0, percent);
    }

    [Theory]
    [InlineData("llmdb-r1-tp1", "did not start")]
    [InlineData("llmdb-l33-70-fp8-tp1-weights", "did not start")]
    [InlineData("llmdb-q3-32-32k-weights", "did not start")]
    [InlineData("llmdb-q3-32-16k-kv", "started")]
    [InlineData("llmdb-gptoss20-byname-weights", "started")]
    [InlineData("llmdb-gptoss120-byname-weights", "started")]
    [InlineData("h20-dsv4-flash-0731", "started")]
    [InlineData("v27508-gptoss120", "did not start")]
    [InlineData("v16343-phi4", "did not start")]
    [InlineData("v41695-q3coder-fp8-5090", "did not start")]
    public async Task What_started_fits_and_what_did_not_does_not(string id, string happened)
    {
        var run = await Run.Of("evaluate", "--serving", Reports);
        Assert.EndsWith($" {happened}", run.Output.Split('\n').Single(text => text.StartsWith(id + " ", StringComparison.Ordinal)).TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_no_report_is_named()
    {
        using var folder = new Folder();
        var run = await Run.Of("evaluate", "--serving", folder.Write("reports.jsonl", "{}\n"));
        Assert.Equal(1, run.Status);
        Assert.Contains("line 1", run.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> Ask(string flags)
    {
        var run = await Run.Of(["inference", "-m", "meta-llama/Llama-3.1-8B", "--gpu", "h100-80gb", "-o", "json", .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal("", run.Error);
        return run.Json;
    }
}
