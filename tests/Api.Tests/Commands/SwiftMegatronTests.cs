using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>ms-swift's megatron command, and nanotron: models of Hugging Face's sizes, divided as Megatron-LM divides.</summary>
public sealed class SwiftMegatronTests
{
    [Fact]
    public void Megatrons_arguments_have_a_word_behind_each_switch()
    {
        var read = Of("NPROC_PER_NODE=8 megatron sft --model Qwen/Qwen3-30B-A3B --save_safetensors true --dataset a b --pipeline_model_parallel_size 2 --decoder_last_pipeline_num_layers 23 --expert_model_parallel_size 4 --moe_permute_fusion true --moe_grouped_gemm true --micro_batch_size 1 --global_batch_size 16 --packing true --recompute_granularity full --recompute_method uniform --recompute_num_layers 1 --finetune true --cross_entropy_loss_fusion true --max_length 8192 --no_save_optim true --sequence_parallel true --attention_backend flash --overlap_param_gather true");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-30B-A3B", 8192, 1, 16L, Trainer.Megatron, Precision.BF16Mixed), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.GlobalBatchSize, read.Job.Training.Trainer, read.Job.Training.Precision));
        Assert.Equal((2, 4, 23, "4", Sharding.Optimizer, null), (read.Job.Parallelism!.Pipeline!.Value, read.Job.Parallelism.Expert!.Value, read.Job.Parallelism.LastStageLayers, read.Job.Parallelism.Data!.Value, read.Job.Parallelism.Sharding!.Value, read.Job.Parallelism.SequenceParallel));
        Assert.Equal((Recompute.Full, true), (read.Job.Training.Recompute!.Value, read.Job.Training.FusedKernels));
    }

    [Theory]
    [InlineData("megatron rlhf --rlhf_type dpo --model Qwen/Qwen3-8B --tuner_type lora --max_length 2048 --tensor_model_parallel_size 2", TrainingObjective.DPO, TrainingMethod.LoRA)]
    [InlineData("torchrun --nproc_per_node 2 -m swift.cli._megatron.sft --model Qwen/Qwen3-8B --train_type lora --max_length 2048 --tensor_model_parallel_size 2", null, TrainingMethod.LoRA)]
    public void Adapters_and_preferences_are_trained_over_its_bridge(string command, TrainingObjective? objective, TrainingMethod method)
    {
        var read = Of($"NPROC_PER_NODE=2 {command}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((objective, method, 8, Trainer.MegatronBridge, "1"), (read.Job.Training!.Objective, read.Job.Training.Method, read.Job.Training.Lora!.Rank, read.Job.Training.Trainer, read.Job.Parallelism!.Data!.Value));
    }

    [Fact]
    public void Sequence_parallelism_is_on_where_there_are_ranks_to_divide_over_and_its_own_names_of_modules_are_known()
    {
        var read = Of("NPROC_PER_NODE=2 megatron sft --model Qwen/Qwen3-8B --tuner_type lora --max_length 2048 --tensor_model_parallel_size 2 --sequence_parallel true --modules_to_save word_embeddings output_layer");
        Assert.True(read.Job.Parallelism!.SequenceParallel);
        Assert.Equal(["embed_tokens", "lm_head"], read.Job.Training!.Lora!.ModulesToSave);
    }

    [Fact]
    public void What_it_generates_with_is_not_understood() =>
        Assert.Contains("--rlhf_type grpo", Of("megatron rlhf --rlhf_type grpo --model Qwen/Qwen3-8B --max_length 2048").NotUnderstood);

    [Fact]
    public void Nanotron_is_read_from_its_file()
    {
        const string File = """
            model:
              dtype: bfloat16
              model_config: {hidden_size: 2048, intermediate_size: 11008, is_llama_config: true, num_attention_heads: 16, num_hidden_layers: 28, num_key_value_heads: 2, tie_word_embeddings: true, vocab_size: 128256, hidden_act: silu}
            optimizer: {accumulate_grad_in_fp32: true, zero_stage: 1, optimizer_factory: {name: adamW, torch_adam_is_fused: true}}
            parallelism: {dp: 4, pp: 1, tp: 2, tp_mode: REDUCE_SCATTER, pp_engine: 1f1b, recompute_layer: false}
            tokens: {micro_batch_size: 3, sequence_length: 4096, batch_accumulation_per_replica: 2, train_steps: 5}
            """;
        var read = Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod("torchrun --nproc_per_node=8 run_train.py --config-file /etc/train/c.yaml".Split(' ')), 1, [TrainingPods.Files("c.yaml", File)]));
        Assert.Empty(read.NotUnderstood);
        var model = read.Job.Model!.Architecture!;
        Assert.Equal((2048L, 28, 2, 11008L, 128256L, true, true), (model.HiddenSize, model.Layers, model.KeyValueHeads, model.FeedForwardSize, model.VocabularySize, model.TiedEmbeddings, model.GatedFeedForward));
        Assert.Equal((Trainer.Nanotron, 3, 4096, 24L, Recompute.None), (read.Job.Training!.Trainer, read.Job.Training.MicroBatchSize, read.Job.Training.SequenceLength, read.Job.Training.GlobalBatchSize, read.Job.Training.Recompute!.Value));
        Assert.Equal((2, "4", Sharding.Optimizer, true), (read.Job.Parallelism!.Tensor!.Value, read.Job.Parallelism.Data!.Value, read.Job.Parallelism.Sharding!.Value, read.Job.Parallelism.SequenceParallel));
    }

    private static TrainingCommand Of(string command) => Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", command]), 1, []));
}
