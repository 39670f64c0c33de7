using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Tests.Commands;

/// <summary>llm-foundry's train.py, which Composer's launcher starts; files composed in the shape of those that come with it.</summary>
public sealed class LlmFoundryCommandTests
{
    private const string Rest = """
        variables: {max_seq_len: 2048}
        max_seq_len: ${variables.max_seq_len}
        tokenizer: {name: ours, kwargs: {model_max_length: "${max_seq_len}"}}
        train_loader: {name: finetuning, dataset: {hf_name: ours, split: train, packing_ratio: 4.5, shuffle: true}, drop_last: true, num_workers: 8}
        optimizer: {name: decoupled_adamw, lr: 1.0e-5, betas: [0.9, 0.95]}
        scheduler: {name: cosine_with_warmup, t_warmup: 100ba}
        algorithms: {gradient_clipping: {clipping_type: norm, clipping_threshold: 1.0}}
        max_duration: 1ep
        eval_interval: 1
        global_train_batch_size: 64
        device_eval_batch_size: 8
        device_train_microbatch_size: 2
        precision: amp_bf16
        fsdp_config: {sharding_strategy: FULL_SHARD, mixed_precision: PURE, activation_checkpointing: true, activation_checkpointing_reentrant: false, activation_cpu_offload: false, limit_all_gathers: true}
        callbacks: {speed_monitor: {window_size: 10}, lr_monitor: {}}
        """;

    private const string Named = "model: {name: hf_causal_lm, pretrained: true, pretrained_model_name_or_path: Qwen/Qwen3-8B, init_device: mixed, config_overrides: {attn_config: {attn_impl: flash, kv_n_heads: 8}}, use_auth_token: false}\n";

    [Theory]
    [InlineData("composer -n 8 scripts/train/train.py /etc/train/c.yaml")]
    [InlineData("composer --nproc=8 train.py /etc/train/c.yaml")]
    [InlineData("composer train.py /etc/train/c.yaml save_folder=/out")]
    [InlineData("python -m composer.cli.launcher -n 8 train.py /etc/train/c.yaml")]
    [InlineData("torchrun --nproc_per_node 8 scripts/train/train.py /etc/train/c.yaml")]
    public void Its_file_is_read_whoever_starts_it(string command)
    {
        var read = Of(command, Named + Rest);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 2048, 2, 64L, Trainer.Composer), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.GlobalBatchSize, read.Job.Training.Trainer));
        Assert.Equal((Precision.BF16Mixed, Sharding.Full, Recompute.Full, Optimizer.AdamW, "8"),
            (read.Job.Training.Precision, read.Job.Parallelism!.Sharding, read.Job.Training.Recompute!.Value, read.Job.Training.Optimizer, read.Job.Parallelism.Data!.Value));
        Assert.Equal((AttentionKernel.Flash, false), (read.Job.Training.Attention, read.Job.Training.Padding));
    }

    [Fact]
    public void Keys_go_over_the_file_and_nodes_are_counted_by_the_processes_in_all()
    {
        var read = Of("composer --nproc 8 --world_size 16 --node_rank 0 --master_addr head train.py /etc/train/c.yaml max_seq_len=4096 fsdp_config.sharding_strategy=SHARD_GRAD_OP", Named + Rest);
        Assert.Equal((4096, Sharding.Gradients, "16"), (read.Job.Training!.SequenceLength, read.Job.Parallelism!.Sharding, read.Job.Parallelism.Data!.Value));
        Assert.Equal("8", read.Job.Placement!.GpusPerNode!.Value);
    }

    [Fact]
    public void MPTs_sizes_are_its_own()
    {
        const string Mpt = "model: {name: mpt_causal_lm, init_device: meta, d_model: 4096, n_heads: 32, n_layers: 32, expansion_ratio: 4, max_seq_len: 2048, vocab_size: 50368, no_bias: true, attn_config: {attn_impl: flash, alibi: true}}\n";
        var read = Of("composer train.py /etc/train/c.yaml", Mpt + Rest);
        Assert.Empty(read.NotUnderstood);
        var model = read.Job.Model!.Architecture!;
        Assert.Equal((4096, 32, 32, 16_384L, 50_368L), (model.HiddenSize, model.Layers, model.AttentionHeads, model.FeedForwardSize, model.VocabularySize));
        Assert.Equal((false, true, false, Normalization.LayerNorm, null), (model.GatedFeedForward, model.TiedEmbeddings, model.Bias, model.Normalization, model.LearnedPositions));
    }

    [Fact]
    public void Adapters_are_those_of_PEFT()
    {
        var read = Of("composer train.py /etc/train/c.yaml", Named.Replace("use_auth_token: false", "peft_config: {r: 64, peft_type: LORA, task_type: CAUSAL_LM, lora_alpha: 128, lora_dropout: 0.05, target_modules: [q_proj, v_proj]}", StringComparison.Ordinal) + Rest);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((TrainingMethod.LoRA, 64, true), (read.Job.Training!.Method, read.Job.Training.Lora!.Rank, read.Job.Training.Lora.Dropout));
    }

    /// <summary>Then it takes as much as fits, which no estimate can refuse.</summary>
    [Fact]
    public void A_micro_batch_that_it_finds_itself_is_not_understood() =>
        Assert.Contains("device_train_microbatch_size: auto", Of("composer train.py /etc/train/c.yaml", Named + Rest.Replace("device_train_microbatch_size: 2", "device_train_microbatch_size: auto", StringComparison.Ordinal)).NotUnderstood);

    private static TrainingCommand Of(string command, string file) =>
        Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ')), 1, [TrainingPods.Files("c.yaml", file)]));
}
