using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>What ms-swift is told, by the names of its releases.</summary>
public sealed class SwiftCommandTests
{
    [Theory]
    [InlineData("swift sft --model Qwen/Qwen3-8B --train_type lora")]
    [InlineData("swift sft --model Qwen/Qwen3-8B --tuner_type lora")]
    [InlineData("swift sft --model_id_or_path Qwen/Qwen3-8B --sft_type lora --batch_size 1")]
    [InlineData("python3 -m swift.cli.sft --model Qwen/Qwen3-8B")]
    [InlineData("torchrun --nproc_per_node 4 /opt/ms-swift/swift/cli/sft.py --model Qwen/Qwen3-8B")]
    public void Its_releases_are_read_by_their_own_names_with_its_own_defaults(string command)
    {
        var read = Of($"{command} --max_length 4096 --dataset a/b c/d --target_modules all-linear --torch_dtype bfloat16 --output_dir /out --split_dataset_ratio 0.01", gpus: command[0] == 't' ? 4 : 1);
        Assert.Empty(read.NotUnderstood);
        var training = read.Job.Training!;
        Assert.Equal(("Qwen/Qwen3-8B", 4096, 1, Trainer.HuggingFace), (read.Job.Model?.Name, training.SequenceLength, training.MicroBatchSize, training.Trainer));
        Assert.Equal((TrainingMethod.LoRA, 8, Recompute.Full), (training.Method, training.Lora?.Rank, training.Recompute));
        Assert.Contains("ms-swift is estimated as the Trainer of transformers, whose layers and loss it runs since release 3.", read.Assumed);
    }

    [Theory]
    [InlineData("zero2", Sharding.Gradients, null, null)]
    [InlineData("zero3", Sharding.Full, null, null)]
    [InlineData("zero2_offload", Sharding.Gradients, OffloadTarget.Host, null)]
    [InlineData("zero3_offload", Sharding.Full, OffloadTarget.Host, OffloadTarget.Host)]
    public void The_configurations_of_DeepSpeed_that_come_with_it_are_known_by_their_names(string name, Sharding sharding, OffloadTarget? optimizer, OffloadTarget? parameters)
    {
        var read = Of($"swift sft --model Qwen/Qwen3-8B --train_type full --max_length 4096 --attn_impl flash_attn --deepspeed {name}", new() { ["NPROC_PER_NODE"] = "8", ["NNODES"] = "2" });
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("16", sharding, TrainingFramework.DeepSpeed), (read.Job.Parallelism!.Data!.Value, read.Job.Parallelism.Sharding, read.Job.Training!.Framework));
        Assert.Equal((optimizer, parameters, AttentionKernel.Flash), (read.Job.Training.Offload?.Optimizer, read.Job.Training.Offload?.Parameters, read.Job.Training.Attention));
    }

    [Fact]
    public void Its_fsdp2_is_the_second_version_with_checkpointing()
    {
        var read = Of("swift pt --model Qwen/Qwen3-8B --tuner_type full --max_length 4096 --fsdp fsdp2 --gradient_checkpointing false", new() { ["NPROC_PER_NODE"] = "8" });
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((Sharding.Full, 2, Recompute.Full), (read.Job.Parallelism!.Sharding, read.Job.Parallelism.FsdpVersion, read.Job.Training!.Recompute));
    }

    [Theory]
    [InlineData("--quant_method bnb --quant_bits 4", QuantizationScheme.NF4DoubleQuantized)]
    [InlineData("--quant_bits 8 --quant_method bnb --bnb_4bit_use_double_quant false", QuantizationScheme.INT8)]
    [InlineData("--quant_bits 4", null)]
    [InlineData("--quantization_bit 4", QuantizationScheme.NF4DoubleQuantized)]
    public void Weights_are_quantised_by_whom_it_is_told(string flags, QuantizationScheme? scheme) =>
        Assert.Equal(scheme, Of($"swift sft --model Qwen/Qwen3-8B --max_length 4096 {flags}", gpus: 1).Job.Training!.Quantization?.Scheme);

    [Theory]
    [InlineData("", 8, "1 processes for 8 GPUs, each of which spreads its layers over 8 (device_map): NPROC_PER_NODE says how many processes there are")]
    [InlineData("NPROC_PER_NODE=2 ", 8, "2 processes for 8 GPUs, each of which spreads its layers over 4 (device_map): NPROC_PER_NODE says how many processes there are")]
    [InlineData("NPROC_PER_NODE=8 ", 8, null)]
    [InlineData("CUDA_VISIBLE_DEVICES=0 ", 8, null)]
    [InlineData("", 1, null)]
    public void Processes_that_are_left_several_GPUs_spread_their_layers_and_that_is_said(string environment, int gpus, string? said)
    {
        var read = Of($"env {environment}swift sft --model Qwen/Qwen3-8B --max_length 4096", gpus: gpus);
        Assert.Equal(said is null ? [] : [said], read.NotUnderstood);
    }

    [Theory]
    [InlineData("", TrainingObjective.DPO, null)]
    [InlineData("--rlhf_type kto --beta 0.1", TrainingObjective.KTO, null)]
    [InlineData("--rlhf_type simpo", TrainingObjective.DPO, false)]
    [InlineData("--rlhf_type orpo", TrainingObjective.ORPO, null)]
    public void Preferences_are_learned_from_as_it_is_told(string flags, TrainingObjective objective, bool? reference)
    {
        var read = Of($"swift rlhf --model Qwen/Qwen3-8B --max_length 2048 {flags}", gpus: 1);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((objective, reference), (read.Job.Training!.Objective, read.Job.Training.ReferenceModel));
    }

    [Fact]
    public void Completions_are_generated_beside_the_training()
    {
        var read = Of(
            "swift rlhf --rlhf_type grpo --model Qwen/Qwen3-8B --train_type full --max_length 1024 --max_completion_length 3072 --num_generations 8 --use_vllm true --vllm_mode colocate --vllm_tensor_parallel_size 2 "
            + "--sleep_level 1 --deepspeed zero3 --reward_funcs accuracy format --beta 0.0",
            new() { ["NPROC_PER_NODE"] = "8" });
        Assert.Empty(read.NotUnderstood);
        var (training, rollout) = (read.Job.Training!, read.Job.Training!.Rollout!);
        Assert.Equal((TrainingObjective.GRPO, 4096, false), (training.Objective, training.SequenceLength, training.ReferenceModel));
        Assert.Equal((RolloutEngine.Colocated, 90, 2, true, 3072), (rollout.Engine, rollout.EngineMemoryPercent, rollout.EngineTensor, rollout.EngineSleeps, rollout.CompletionLength));
    }

    [Theory]
    [InlineData("sft", "--train_type longlora", "--train_type longlora")]
    [InlineData("sft", "--tuner_backend unsloth", "--tuner_backend unsloth")]
    [InlineData("sft", "--quant_method hqq", "--quant_method hqq")]
    [InlineData("sft", "--deepspeed zero4", "--deepspeed zero4 (zero4 is in a directory that only the image knows: name it from the root, or set workingDir)")]
    [InlineData("sft", "--of_tomorrow 1", "--of_tomorrow 1")]
    [InlineData("rlhf", "--rlhf_type ppo", "--rlhf_type ppo, which holds models beside the one that it trains")]
    [InlineData("rlhf", "--rlhf_type grpo --use_vllm true", "--vllm_mode, which is not given: whether vLLM shares these GPUs depends on the release")]
    public void What_is_not_understood_is_said(string command, string flags, string said) =>
        Assert.Equal([said], Of($"swift {command} --model Qwen/Qwen3-8B --max_length 2048 {flags}", gpus: 1).NotUnderstood);

    [Fact]
    public void Without_a_length_none_is_guessed() => Assert.Null(Of("swift sft --model Qwen/Qwen3-8B", gpus: 1).Job.Training!.SequenceLength);

    [Theory]
    [InlineData("swift infer --model Qwen/Qwen3-8B")]
    [InlineData("swift build")]
    [InlineData("swift")]
    public void Its_other_commands_train_nothing(string command) => Assert.Empty(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ')), 1, []));

    [Fact]
    public void Samples_under_sequence_parallelism_are_padded_and_chunks_of_the_loss_are_made_in_place()
    {
        var read = Of("swift sft --model Qwen/Qwen3-8B --max_length 65535 --sequence_parallel_size 4 --router_aux_loss_coef 1e-3 --experts_impl grouped_mm", new() { ["NPROC_PER_NODE"] = "8", ["CELOSS_PARALLEL_SIZE"] = "2048" });
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((65_536, LossKernel.InPlace, 4, "2"), (read.Job.Training!.SequenceLength, read.Job.Training.Loss, read.Job.Parallelism!.Context!.Value, read.Job.Parallelism.Data!.Value));
        Assert.Null(Of("swift sft --model Qwen/Qwen3-8B --max_length 65536", new() { ["NPROC_PER_NODE"] = "8", ["CELOSS_PARALLEL_SIZE"] = "2048" }).Job.Training!.Loss);
    }

    [Theory]
    [InlineData("PYTORCH_CUDA_ALLOC_CONF", "max_split_size_mb:128,expandable_segments:True", true)]
    [InlineData("PYTORCH_ALLOC_CONF", "expandable_segments:True", true)]
    [InlineData("PYTORCH_CUDA_ALLOC_CONF", "max_split_size_mb:128", false)]
    [InlineData("PYTORCH_NO_CUDA_MEMORY_CACHING", "1", null)]
    public void Segments_that_grow_are_said_by_the_environment(string name, string value, bool? grow) =>
        Assert.Equal(grow, Of("swift sft --model Qwen/Qwen3-8B --max_length 4096", new() { [name] = value }).Job.Training!.ExpandableSegments);

    [Fact]
    public void What_expr_divides_is_a_number()
    {
        const string Script = "n=4\nNPROC_PER_NODE=$n swift sft --model Qwen/Qwen3-8B --max_length 4096 --per_device_train_batch_size 2 --gradient_accumulation_steps $(expr 16 / $n) --dataset_num_proc $(expr $n \\* 2)";
        var read = Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", Script], gpus: 4), pods: 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(32L, read.Job.Training!.GlobalBatchSize);
        Assert.Contains("--dataset_num_proc 8", read.WithoutEffect);
    }

    private static TrainingCommand Of(string command, Dictionary<string, string>? environment = null, int gpus = 8) =>
        Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ', StringSplitOptions.RemoveEmptyEntries), gpus, environment), pods: 1, []));
}
