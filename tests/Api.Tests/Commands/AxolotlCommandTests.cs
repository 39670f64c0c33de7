using GpuMem.Api.Commands.Training;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>Axolotl's file and what its command says over it.</summary>
public sealed class AxolotlCommandTests
{
    [Fact]
    public void Axolotl_is_read_from_its_file_with_its_flags_over_it()
    {
        const string Yaml = """
            base_model: NousResearch/Meta-Llama-3-8B
            load_in_4bit: true
            adapter: qlora
            lora_r: 32
            lora_dropout: 0.05
            lora_target_linear: true
            sequence_len: 4096
            sample_packing: true
            micro_batch_size: 2
            gradient_accumulation_steps: 4
            optimizer: paged_adamw_8bit
            bf16: auto
            gradient_checkpointing: true
            attn_implementation: flash_attention_2
            fsdp_config: {version: 2, offload_params: true, reshard_after_forward: true, state_dict_type: FULL_STATE_DICT}
            plugins: [axolotl.integrations.cut_cross_entropy.CutCrossEntropyPlugin]
            lora_model_dir:
            special_tokens: {pad_token: x}
            """;
        var read = Of($"axolotl train {TrainingPods.Directory}/ds.json --micro-batch-size 1 -- --num_processes 4", Yaml);
        Assert.Empty(read.NotUnderstood);
        var training = read.Job.Training!;
        Assert.Equal((Trainer.Axolotl, TrainingMethod.QLoRA, QuantizationScheme.NF4DoubleQuantized, 32), (training.Trainer, training.Method, training.Quantization?.Scheme, training.Lora?.Rank));
        Assert.True(training.Lora!.Dropout);
        Assert.Equal((4096, 1, 16, LossKernel.Fused), (training.SequenceLength, training.MicroBatchSize, training.GlobalBatchSize, training.Loss));
        Assert.Equal(("4", Sharding.Full, 2, OffloadTarget.Host), (read.Job.Parallelism!.Data!.Value, read.Job.Parallelism.Sharding, read.Job.Parallelism.FsdpVersion, training.Offload?.Parameters));
    }

    [Theory]
    [InlineData("2", Precision.BF16)]
    [InlineData("1", Precision.BF16Mixed)]
    public void Axolotls_second_version_of_FSDP_divides_what_it_loads(string version, Precision precision)
    {
        var read = Of($"axolotl train {TrainingPods.Directory}/ds.json", $"{{base_model: openai/gpt-oss-20b, sequence_len: 4096, bf16: true, fsdp_version: {version}, fsdp_config: {{reshard_after_forward: true}}, use_kernels: false, model_quantization_config: Mxfp4Config, model_quantization_config_kwargs: {{dequantize: true}}, experimental_skip_move_to_device: true}}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(precision, read.Job.Training!.Precision);
    }

    [Fact]
    public void The_second_stage_that_comes_with_Axolotl_offloads_the_optimizer()
    {
        var read = Of($"accelerate launch -m axolotl.cli.train {TrainingPods.Directory}/ds.json", "{base_model: Qwen/Qwen3-8B, deepspeed: deepspeed_configs/zero2.json, sequence_len: 2048}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((Sharding.Gradients, OffloadTarget.Host), (read.Job.Parallelism!.Sharding, read.Job.Training!.Offload?.Optimizer));
    }

    private static TrainingCommand Of(string command, string file) =>
        Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ')), pods: 1, [TrainingPods.Files("ds.json", file)]));
}
