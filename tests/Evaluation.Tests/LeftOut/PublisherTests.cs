using GpuMem.Evaluation.LeftOut;

namespace GpuMem.Evaluation.Tests.LeftOut;

public sealed class PublisherTests
{
    [Theory]
    [InlineData("github:pytorch/torchtitan commit 069bae286 message (2025-02-27)", "pytorch")]
    [InlineData("github:pytorch/torchtune README.md \"Optimization flags\"", "pytorch")]
    [InlineData("https://github.com/meta-pytorch/torchtune/pull/961", "pytorch")]
    [InlineData("github:QwenLM/Qwen README.md \"Profiling of Memory and Speed\"", "qwenlm")]
    [InlineData("https://github.com/QwenLM/Qwen3/issues/16", "qwenlm")]
    [InlineData("https://huggingface.co/nanotron/old_bench (llama-1B/16_GPUS/dp-16_tp-1_pp-1_mbz-1/log_metrics.csv)", "nanotron")]
    [InlineData("foundation-model-stack/fms-acceleration scripts/benchmarks/refs/a100_80gb.csv", "foundation-model-stack")]
    [InlineData("unsloth docs benchmarks (https://unsloth.ai/docs/basics/unsloth-benchmarks)", "unsloth.ai")]
    [InlineData("public GitHub file: vuiseng9 Megatron-LM notes (GPT2-XL / GPT2-large, nvidia-smi)", "public github file")]
    [InlineData("made up", "made up")]
    public void What_one_owner_published_is_one_source(string source, string publisher) => Assert.Equal(publisher, Publisher.Of(source));
}
