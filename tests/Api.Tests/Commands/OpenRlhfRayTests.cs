using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>OpenRLHF's reinforcement learning over Ray.</summary>
public sealed class OpenRlhfRayTests
{
    private const string Shared = "python3 -m openrlhf.cli.train_ppo_ray --ref_num_nodes 1 --ref_num_gpus_per_node 8 --reward_num_nodes 1 --reward_num_gpus_per_node 8 --critic_num_nodes 1 --critic_num_gpus_per_node 8 "
        + "--actor_num_nodes 1 --actor_num_gpus_per_node 8 --vllm_num_engines 4 --vllm_tensor_parallel_size 2 --colocate_all_models --vllm_gpu_memory_utilization 0.5 --pretrain Qwen/Qwen3-8B "
        + "--reward_pretrain x/rm --save_path /o --micro_train_batch_size 8 --train_batch_size 128 --micro_rollout_batch_size 16 --rollout_batch_size 1024 --max_epochs 1 --prompt_max_len 1024 --generate_max_len 1024 "
        + "--zero_stage 3 --bf16 --actor_learning_rate 5e-7 --init_kl_coef 0.01 --prompt_data x --input_key k --apply_chat_template --normalize_reward --gradient_checkpointing --packing_samples "
        + "--vllm_sync_backend nccl --enforce_eager --vllm_enable_sleep --deepspeed_enable_sleep";

    [Theory]
    [InlineData(Shared)]
    [InlineData("ray job submit --address=http://127.0.0.1:8265 --runtime-env-json={} -- " + Shared)]
    [InlineData("python3 -m openrlhf.cli.train_ppo_ray --ref.num_nodes 1 --ref.num_gpus_per_node 8 --actor.num_nodes 1 --actor.num_gpus_per_node 8 --vllm.num_engines 4 --vllm.tensor_parallel_size 2 --train.colocate_all --vllm.gpu_memory_utilization 0.5 --actor.model_name_or_path Qwen/Qwen3-8B --reward.model_name_or_path x/rm --train.micro_batch_size 8 --train.batch_size 128 --rollout.batch_size 1024 --data.max_len 2048 --rollout.max_new_tokens 1024 --ds.zero_stage 3 --ds.param_dtype bf16 --actor.adam.lr 5e-7 --critic.adam.lr 9e-6 --algo.kl.init_coef 0.01 --data.prompt_dataset x --data.input_key k --data.apply_chat_template --reward.normalize_enable --actor.gradient_checkpointing_enable --ds.packing_samples --vllm.sync_backend nccl --vllm.enforce_eager --vllm.enable_sleep --ds.enable_sleep")]
    public void Models_that_share_the_GPUs_are_all_there(string command)
    {
        var read = Of(command);
        Assert.Empty(read.NotUnderstood);
        var training = read.Job.Training!;
        Assert.Equal(("Qwen/Qwen3-8B", 2048, 8, 128L, "8"), (read.Job.Model?.Name, training.SequenceLength, training.MicroBatchSize, training.GlobalBatchSize, read.Job.Parallelism!.Data!.Value));
        Assert.Equal((TrainingObjective.PPO, ValueTraining.InTurn, true, true, true), (training.Objective, training.ValueTraining, training.RewardModel, training.ReferenceModel, training.Offload!.BetweenSteps));
        Assert.Equal((RolloutEngine.Colocated, 50, 2, true, 1024L), (training.Rollout!.Engine, training.Rollout.EngineMemoryPercent, training.Rollout.EngineTensor, training.Rollout.EngineSleeps, training.Rollout.CompletionLength));
        Assert.Equal((Sharding.Full, Recompute.Full, Trainer.OpenRLHF), (read.Job.Parallelism.Sharding!.Value, training.Recompute!.Value, training.Trainer));
    }

    [Fact]
    public void A_reward_model_of_another_size_on_the_same_GPUs_is_said() => Assert.Equal(
        ["the reward model Qwen/Qwen2.5-72B of 72.7 billion parameters: it is taken to have the 8.2 billion of what is trained"],
        Of(Shared.Replace("x/rm", "Qwen/Qwen2.5-72B", StringComparison.Ordinal)).NotUnderstood.Where(said => said.StartsWith("the reward", StringComparison.Ordinal)));

    [Fact]
    public void Roles_have_GPUs_of_their_own_unless_they_are_told_to_share()
    {
        var read = Of("python3 -m openrlhf.cli.train_ppo_ray --actor_num_nodes 1 --actor_num_gpus_per_node 2 --vllm_num_engines 2 --pretrain Qwen/Qwen3-8B --remote_rm_url http://rm --advantage_estimator reinforce_baseline --n_samples_per_prompt 8 --init_kl_coef 0 --bf16 --use_dynamic_batch --train_max_tokens_per_gpu 8192");
        Assert.Empty(read.NotUnderstood);
        var training = read.Job.Training!;
        Assert.Equal((TrainingObjective.GRPO, 8192, 1, 8, RolloutEngine.Separate), (training.Objective, training.SequenceLength, training.MicroBatchSize, training.Rollout!.GroupSize, training.Rollout.Engine));
        Assert.Equal((false, false, null, "2"), (training.ReferenceModel, training.RewardModel, training.ValueTraining, read.Job.Parallelism!.Data!.Value));
        Assert.Contains("Only the actor's GPUs are estimated: critic, reward model and engine have others.", read.Assumed);
    }

    private static TrainingCommand Of(string command) => Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ')), 1, []));
}
