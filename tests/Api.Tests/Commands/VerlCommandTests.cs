using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>What verl is told in the words of Hydra.</summary>
public sealed class VerlCommandTests
{
    private const string Start = "python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo actor_rollout_ref.model.path=Qwen/Qwen2.5-7B ";

    private const string Batch = "actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=8 ";

    [Fact]
    public void A_script_as_its_examples_are_is_read_to_the_last_word()
    {
        const string Script = """
            set -x
            python3 -m verl.trainer.main_ppo \
                algorithm.adv_estimator=grpo \
                data.train_files=/data/gsm8k/train.parquet \
                data.train_batch_size=1024 \
                data.max_prompt_length=512 \
                data.max_response_length=1536 \
                data.filter_overlong_prompts=True \
                data.truncation='error' \
                actor_rollout_ref.model.path="Qwen/Qwen2.5-7B" \
                actor_rollout_ref.actor.optim.lr=1e-6 \
                actor_rollout_ref.model.use_remove_padding=True \
                actor_rollout_ref.actor.ppo_mini_batch_size=256 \
                actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=8 \
                actor_rollout_ref.actor.use_kl_loss=True \
                actor_rollout_ref.actor.kl_loss_coef=0.001 \
                actor_rollout_ref.actor.entropy_coeff=0 \
                actor_rollout_ref.model.enable_gradient_checkpointing=True \
                actor_rollout_ref.actor.fsdp_config.param_offload=False \
                +actor_rollout_ref.model.override_config.attn_implementation=flash_attention_2 \
                actor_rollout_ref.rollout.log_prob_micro_batch_size_per_gpu=8 \
                actor_rollout_ref.rollout.tensor_model_parallel_size=4 \
                actor_rollout_ref.rollout.name=vllm \
                actor_rollout_ref.rollout.gpu_memory_utilization=0.6 \
                actor_rollout_ref.rollout.n=5 \
                actor_rollout_ref.ref.fsdp_config.param_offload=True \
                trainer.logger='["console","wandb"]' \
                trainer.n_gpus_per_node=8 \
                trainer.nnodes=2 \
                trainer.default_hdfs_dir=null \
                trainer.total_epochs=15 $@ 2>&1 | tee run.log
            """;
        var read = Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", Script]), pods: 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal("verl (verl.trainer.main_ppo)", read.Program);
        var (training, rollout, layout) = (read.Job.Training!, read.Job.Training!.Rollout!, read.Job.Parallelism!);
        Assert.Equal((Trainer.Verl, TrainingObjective.GRPO, "Qwen/Qwen2.5-7B"), (training.Trainer, training.Objective, read.Job.Model?.Name));
        Assert.Equal((2048, 8, 1280), (training.SequenceLength, training.MicroBatchSize, training.GlobalBatchSize));
        Assert.Equal(("16", Sharding.Full, 1, Precision.BF16Mixed), (layout.Data!.Value, layout.Sharding, layout.FsdpVersion, training.Precision));
        Assert.Equal((60, 4, 5), (rollout.EngineMemoryPercent, rollout.EngineTensor, rollout.GroupSize));
        Assert.Contains("actor_rollout_ref.model.path: Qwen/Qwen2.5-7B", read.Understood);
        Assert.Contains("actor_rollout_ref.actor.optim.lr: 1e-6", read.WithoutEffect);
        Assert.Contains("actor_rollout_ref.ref.fsdp_config.param_offload: True", read.WithoutEffect);
    }

    [Fact]
    public void Parameters_of_the_script_stand_for_its_own()
    {
        var read = Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["bash", "-c", $"{Start} {Batch} trainer.nnodes=1 \"$@\"", "run.sh", "trainer.nnodes=2", "data.max_response_length=1024"]), 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("16", 1536), (read.Job.Parallelism!.Data!.Value, read.Job.Training!.SequenceLength));
    }

    [Fact]
    public void Fsdp2_adapters_and_Ulysses_are_those_of_a_manifest()
    {
        var read = Of(
            $"{Start}{Batch}actor_rollout_ref.actor.strategy=fsdp2 actor_rollout_ref.actor.fsdp_config.offload_policy=True actor_rollout_ref.actor.fsdp_config.reshard_after_forward=False "
            + "actor_rollout_ref.actor.fsdp_config.model_dtype=bf16 actor_rollout_ref.model.lora_rank=32 actor_rollout_ref.actor.ulysses_sequence_parallel_size=2 actor_rollout_ref.rollout.free_cache_engine=False");
        Assert.Empty(read.NotUnderstood);
        var (training, layout) = (read.Job.Training!, read.Job.Parallelism!);
        Assert.Equal((2, Sharding.Gradients, 2, ContextExchange.Ulysses, "4"), (layout.FsdpVersion, layout.Sharding, layout.Context, layout.ContextExchange, layout.Data!.Value));
        Assert.Equal((TrainingMethod.LoRA, 32, OffloadTarget.Host, false), (training.Method, training.Lora?.Rank, training.Offload?.Parameters, training.Rollout?.EngineSleeps));
    }

    [Fact]
    public void Packed_batches_are_as_long_as_they_may_be_and_that_is_said()
    {
        var read = Of($"{Start}actor_rollout_ref.actor.use_dynamic_bsz=True actor_rollout_ref.actor.ppo_max_token_len_per_gpu=24000");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((24_000, 1), (read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize));
        Assert.Contains(read.Assumed, said => said.StartsWith("use_dynamic_bsz packs sequences up to ppo_max_token_len_per_gpu 24000", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("algorithm.adv_estimator=rloo", TrainingObjective.RLOO)]
    [InlineData("algorithm.adv_estimator=reinforce_plus_plus", TrainingObjective.GRPO)]
    public void Estimators_without_a_critic_are_told_apart(string estimator, TrainingObjective objective)
    {
        var read = Of($"{Start}{Batch}{estimator}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(objective, read.Job.Training!.Objective);
    }

    [Fact]
    public void Gae_trains_a_critic_in_turn_and_both_may_leave_between_steps()
    {
        var read = Of($"{Start}{Batch}algorithm.adv_estimator=gae actor_rollout_ref.actor.fsdp_config.param_offload=True actor_rollout_ref.actor.fsdp_config.optimizer_offload=True");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((TrainingObjective.PPO, true), (read.Job.Training!.Objective, read.Job.Training.Offload!.BetweenSteps));
        Assert.Contains(read.Assumed, said => said.StartsWith("The critic is taken to have the layers and the settings of the actor", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("critic.model.path=Qwen/Qwen2.5-7B-Instruct critic.ppo_micro_batch_size_per_gpu=4 critic.optim.lr=1e-5 critic.model.use_remove_padding=True", null)]
    [InlineData("critic.model.path=/models/my-critic", null)]
    [InlineData("critic.model.path=Qwen/Qwen2.5-32B", "the critic Qwen/Qwen2.5-32B of 32.8 billion parameters: it is taken to have the 7.6 billion of what is trained")]
    public void A_critic_of_another_size_is_said(string keys, string? said) =>
        Assert.Equal(said is null ? [] : [said], Of($"{Start}{Batch}algorithm.adv_estimator=gae {keys}").NotUnderstood);

    [Theory]
    [InlineData("actor_rollout_ref.actor.fsdp_config.param_offload=True", "actor_rollout_ref.actor.fsdp_config.param_offload: True without the other")]
    [InlineData("actor_rollout_ref.actor.strategy=megatron", "actor_rollout_ref.actor.strategy: megatron")]
    [InlineData("actor_rollout_ref.actor.megatron.tensor_model_parallel_size=4", "actor_rollout_ref.actor.megatron.tensor_model_parallel_size: 4")]
    [InlineData("actor_rollout_ref.actor.entropy_coeff=0.001", "actor_rollout_ref.actor.entropy_coeff: 0.001")]
    [InlineData("actor_rollout_ref.rollout.name=hf", "actor_rollout_ref.rollout.name: hf")]
    [InlineData("actor_rollout_ref.rollout.log_prob_micro_batch_size_per_gpu=16", "log_prob_micro_batch_size_per_gpu 16, where 8 are trained at once: what log-probabilities of more need")]
    [InlineData("reward_model.enable=True", "reward_model.enable: True")]
    [InlineData("data.max_prompt_length=$LENGTH", "max_prompt_length: $LENGTH")]
    [InlineData("+of.tomorrow=1", "of.tomorrow: 1")]
    [InlineData("of_tomorrow", "of_tomorrow")]
    [InlineData("--config-name=ppo_megatron_trainer", "--config-name=ppo_megatron_trainer")]
    public void What_is_not_understood_is_said(string word, string said) => Assert.Equal([said], Of($"{Start}{Batch}{word}").NotUnderstood);

    [Fact]
    public void What_nobody_says_is_verls_and_is_said()
    {
        var read = Of($"{Start}{Batch}actor_rollout_ref.rollout.n=4");
        Assert.Equal((1024, 1024, "8"), (read.Job.Training!.SequenceLength, read.Job.Training.GlobalBatchSize, read.Job.Parallelism!.Data!.Value));
        Assert.Equal(
            [
                "trainer.n_gpus_per_node is not given, and is 8 then.", "verl keeps weights in fp32 where model_dtype does not say otherwise.", "data.max_prompt_length is not given, and is 512 then.",
                "data.max_response_length is not given, and is 512 then.", "actor.ppo_mini_batch_size is not given, and is 256 then.",
            ],
            read.Assumed);
    }

    [Fact]
    public void Without_the_size_of_a_micro_batch_it_does_not_start() =>
        Assert.Contains("verl refuses to start", Assert.Single(Of(Start).NotUnderstood), StringComparison.Ordinal);

    [Fact]
    public void A_job_that_Ray_is_given_is_read_too() =>
        Assert.Equal("8", Of($"ray job submit --address http://127.0.0.1:8265 -- {Start}{Batch}").Job.Parallelism!.Data!.Value);

    private static TrainingCommand Of(string command) =>
        Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ', StringSplitOptions.RemoveEmptyEntries)), pods: 1, []));
}
