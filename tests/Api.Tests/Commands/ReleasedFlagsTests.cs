using GpuMem.Api.Commands;
using GpuMem.Serving;

namespace GpuMem.Api.Tests.Commands;

/// <summary>Flags by the releases that have them.</summary>
public sealed class ReleasedFlagsTests
{
    private const string Vllm = "vllm/vllm-openai:v";
    private const string SgLang = "lmsysorg/sglang:v";

    [Theory]
    [InlineData(Vllm + "0.8.5", "vllm serve m/x --async-scheduling", "--async-scheduling (0.10.0 has it)")]
    [InlineData(Vllm + "0.8.5.post1", "vllm serve m/x --max-model-len auto", "--max-model-len auto (0.14.0 has it)")]
    [InlineData(Vllm + "0.13.0", "vllm serve m/x --max_model_len=-1", "--max_model_len=-1 (0.14.0 has it)")]
    [InlineData(Vllm + "0.19.0", "vllm serve m/x --swap-space 4", "--swap-space 4 (0.17.1 had it)")]
    [InlineData(Vllm + "0.12.0-cu129", "vllm serve m/x --guided-decoding-backend xgrammar", "--guided-decoding-backend xgrammar (0.11.2 had it)")]
    [InlineData(Vllm + "0.10.0", "vllm serve m/x --enable-reasoning", "--enable-reasoning (0.9.2 had it)")]
    [InlineData(SgLang + "0.4.6", "python3 -m sglang.launch_server --model m/x", null)]
    [InlineData(SgLang + "0.5.5-cu129", "python3 -m sglang.launch_server --model-path m/x --language-only", "--language-only (0.5.7 has it)")]
    [InlineData("ghcr.io/huggingface/text-generation-inference:2.0.4", "text-generation-launcher --model-id m/x --kv-cache-dtype fp8", "--kv-cache-dtype fp8 (2.4.0 has it)")]
    [InlineData("ghcr.io/ggml-org/llama.cpp:server-cuda-b5391", "llama-server -hf m/x --n-cpu-moe 4", "--n-cpu-moe 4 (b6089 has it)")]
    [InlineData("nvcr.io/nvidia/tensorrt-llm/release:0.18.2", "trtllm-serve m/x --reasoning_parser x", "--reasoning_parser x (1.3.0 has it)")]
    public void A_flag_or_value_of_another_release_is_refused_with_one_that_has_it(string image, string command, string? refused)
    {
        var read = Of(image, command);
        Assert.Equal(refused is null ? [] : [refused], read.Refused);
        Assert.Empty(read.NotUnderstood);
    }

    [Theory]
    [InlineData(Vllm + "latest")]
    [InlineData(Vllm + "0.21.0")]
    [InlineData("registry.example/chat:0.8.5")]
    public void Where_a_release_is_not_known_nothing_is_refused(string image) =>
        Assert.Empty(Of(image, "vllm serve m/x --spec-method ngram --async-scheduling").Refused);

    [Theory]
    [InlineData("0.4.6.post4", false)]
    [InlineData("0.4.6.post5-cu124", true)]
    public void A_release_may_be_one_after_another(string release, bool has) =>
        Assert.Equal(!has, Of(SgLang + release, "python3 -m sglang.launch_server --model-path m/x --enable-eplb").Refused.Count > 0);

    [Fact]
    public void A_tag_of_two_numbers_may_be_any_patch_of_them()
    {
        const string image = "ghcr.io/huggingface/text-generation-inference:";
        Assert.Empty(Of(image + "2.3", "text-generation-launcher --model-id m/x --kv-cache-dtype fp8").Refused);
        Assert.NotEmpty(Of(image + "2.2", "text-generation-launcher --model-id m/x --kv-cache-dtype fp8").Refused);
    }

    [Theory]
    [InlineData("vllm serve m/x --tensor-parallel 2", 2, new string[0])]
    [InlineData("vllm serve m/x --tensor 2", 2, new string[0])]
    [InlineData("vllm serve m/x --data 2", null, new[] { "--data 2" })]
    [InlineData("python3 -m sglang.launch_server --model m/x --tp 2", 2, new string[0])]
    [InlineData("text-generation-launcher --model-id m/x --num 2", null, new[] { "--num 2" })]
    public void The_beginning_of_a_name_is_enough_for_argparse_where_one_flag_begins_so(string command, int? tensor, string[] left)
    {
        var read = Of(null, command);
        Assert.Equal(tensor, read.Settings.Tensor);
        Assert.Equal(left, read.NotUnderstood);
    }

    [Fact]
    public void A_flag_takes_as_many_words_as_the_engine_gives_it()
    {
        var read = Of(null, "vllm serve m/x --served-model-name a b c --lora-modules d=/e f=/g --trust-remote-code --hf-token --port 80");
        Assert.Equal(["--served-model-name a b c", "--lora-modules d=/e f=/g", "--trust-remote-code", "--hf-token", "--port 80"], read.WithoutEffect);
        Assert.Empty(read.NotUnderstood);
    }

    [Theory]
    [InlineData("vllm serve m/x --maxmodel-len 4096", "--maxmodel-len 4096 (did you mean --max-model-len?)")]
    [InlineData("vllm serve m/x --of-tomorrow", "--of-tomorrow")]
    [InlineData("vllm serve m/x --compilation-config.level=3", "--compilation-config.level=3")]
    [InlineData("vllm serve m/x -O3", "-O3")]
    [InlineData("vllm serve m/x --num-gpu-blocks-override 512", "--num-gpu-blocks-override 512")]
    [InlineData("python3 -m sglang.launch_server --model-path m/x --max-total-tokens 4096", "--max-total-tokens 4096")]
    [InlineData("llama-server -hf m/x -ncmoed 4", "-ncmoed 4")]
    public void What_no_release_has_and_what_changes_the_memory_otherwise_is_left_out(string command, string left) => Assert.Equal([left], Of(null, command).NotUnderstood);

    [Theory]
    [InlineData("--speculative-config {\"model\":\"meta-llama/Llama-3.2-1B\",\"num_speculative_tokens\":5}", 2)]
    [InlineData("--speculative-config.model meta-llama/Llama-3.2-1B --speculative-config.num_speculative_tokens 5", 2)]
    [InlineData("--spec-model meta-llama/Llama-3.2-1B --spec-method draft_model", 2)]
    [InlineData("-sc {\"method\":\"draft_model\",\"model\":\"meta-llama/Llama-3.2-1B\",\"draft_tensor_parallel_size\":1}", 1)]
    public void A_draft_that_is_a_model_is_counted_on_the_ranks_that_share_it(string flags, int tensor)
    {
        var read = Of(null, $"vllm serve m/x {flags} -tp 2");
        Assert.Equal(("meta-llama/Llama-3.2-1B", tensor), (read.Settings.Draft?.Model?.Name, read.Settings.Draft?.Tensor));
        Assert.Empty(read.NotUnderstood);
    }

    [Theory]
    [InlineData("vllm serve m/x --speculative-config {\"method\":\"deepseek_mtp\",\"num_speculative_tokens\":1}", true, null)]
    [InlineData("python3 -m sglang.launch_server --model-path m/x --speculative-algorithm NEXTN", true, null)]
    [InlineData("vllm serve m/x --speculative-config {\"method\":\"ngram\",\"prompt_lookup_max\":4}", null, null)]
    [InlineData("vllm serve m/x --speculative-config {\"method\":\"eagle3\",\"model\":\"o/head\"}", null, "speculative decoding by o/head")]
    [InlineData("vllm serve m/x --speculative-config eagle3", null, "--speculative-config eagle3")]
    [InlineData("vllm serve m/x --speculative-config {\"method\":1,\"method\":2}", null, "--speculative-config {\"method\":1,\"method\":2}")]
    public void Heads_are_left_out_and_what_guesses_without_weights_changes_nothing(string command, bool? modules, string? left)
    {
        var read = Of(null, command);
        Assert.Equal((modules, null), (read.Settings.PredictionModules, read.Settings.Draft));
        Assert.Equal(left is null ? [] : [left], read.NotUnderstood);
    }

    [Theory]
    [InlineData("vllm serve deepseek-ai/DeepSeek-V3 -dp 8 --enable-expert-parallel", null, 8, null)]
    [InlineData("vllm serve deepseek-ai/DeepSeek-V3 -dp 8 -tp 2", 2, 8, null)]
    [InlineData("vllm serve meta-llama/Llama-3.1-8B -dp 8 -tp 2", 2, null, null)]
    [InlineData("vllm serve nobody/has-this -dp 8", null, null, "data parallelism of 8")]
    [InlineData("vllm serve nobody/has-this -dp 8 -ep", null, 8, null)]
    [InlineData("python3 -m sglang.launch_server --model-path deepseek-ai/DeepSeek-V3 --tp-size 8 --dp-size 4 --enable-dp-attention", 2, 4, null)]
    [InlineData("python3 -m sglang.launch_server --model-path deepseek-ai/DeepSeek-V3 --tp-size 8 --dp-size 2", 8, null, null)]
    [InlineData("python3 -m sglang.launch_server --model-path deepseek-ai/DeepSeek-V3 --tp-size 8 --dp-size 3 --enable-dp-attention", 8, null, "data parallelism of 3")]
    public void Groups_hold_the_experts_of_a_mixture_together(string command, int? tensor, int? expert, string? left)
    {
        var read = Of(null, command);
        Assert.Equal((tensor, expert), (read.Settings.Tensor, read.Settings.Expert));
        Assert.Equal(left is null ? [] : [left], read.NotUnderstood);
    }

    [Fact]
    public void The_size_of_the_cache_and_of_what_stays_on_the_host_are_read_as_vllm_reads_them()
    {
        var read = Of(null, "vllm serve m/x --kv-cache-memory-bytes 20G --cpu-offload-gb 1.5");
        Assert.Equal((20L << 30, 3L << 29), (read.Settings.CacheMemory?.ToInt64(), read.Settings.WeightsOnHost?.ToInt64()));
        Assert.Empty(read.NotUnderstood);
    }

    [Theory]
    [InlineData(InferenceEngine.VLLM)]
    [InlineData(InferenceEngine.SGLang)]
    [InlineData(InferenceEngine.TGI)]
    [InlineData(InferenceEngine.TensorRTLLM)]
    [InlineData(InferenceEngine.LlamaCpp)]
    public void Every_flag_that_changes_the_estimate_is_one_that_the_engine_has(InferenceEngine engine) =>
        Assert.All(EngineFlags.Of(engine).Keys, name => Assert.Equal((name, false), FlagList.Of(engine).Find(name, release: null) is { } flag ? (flag.Of, flag.ChangesMemory) : default));

    private static EngineCommand Of(string? image, string command) => Assert.Single(EngineCommandReader.Read(new V1PodSpec
    {
        Containers = [new V1Container { Name = "engine", Image = image, Command = command.Split(' ') }],
    }));
}
