using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// The flags of OpenRLHF's reinforcement learning over Ray (OpenRLHF openrlhf/cli/train_ppo_ray.py): by the names of releases until 0.9, and by those with
/// sections in front from 2026 on. Actor, critic, reward model, reference and engine have GPUs of their own each, unless they are told to share.
/// </summary>
internal static class OpenRlhfRay
{
    /// <summary>The module that trains.</summary>
    public const string Module = "openrlhf.cli.train_ppo_ray";

    private const string Estimator = "--advantage_estimator", Penalty = "--init_kl_coef", Prompt = "--prompt_max_len", Answer = "--generate_max_len";

    private const string SharesAll = "--colocate_all_models", SharesReference = "--colocate_actor_ref", IsAsync = "--async_train", IsDynamic = "--use_dynamic_batch", Tokens = "--train_max_tokens_per_gpu";

    private const string Engines = "--vllm_num_engines", Reward = "--reward_pretrain", Critic = "--critic_pretrain", Remote = "--remote_rm_url", Agent = "--agent_func_path";

    // --actor.num_gpus_per_node, --data.max_len, --train.max_tokens_per_gpu, --vllm.gpu_memory_utilization.
    private const int UsualGpus = 8, UsualLength = 2048, UsualTokens = 16_192, UsualEnginePercent = 95;

    private static readonly Setting[] Own =
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--actor.model_name_or_path"),
        Setting.Word((draft, nodes) => draft.Processes.SetNodes(nodes), "--actor_num_nodes", "--actor.num_nodes"),
        Setting.Word((draft, gpus) => draft.Processes.SetPerNode(gpus), "--actor_num_gpus_per_node", "--actor.num_gpus_per_node"),
        Setting.Switch(draft => draft.Training.Recompute = Recompute.Full, "--actor.gradient_checkpointing_enable"),
        Setting.Word((draft, name) => (draft.Training.Optimizer = name switch { "adam" => Optimizer.AdamW, "muon" => Optimizer.Muon, _ => null }) is not null, "--actor.optim"),
        Setting.Switch(draft => draft.Offload.BetweenSteps = true, "--deepspeed_enable_sleep", "--ds.enable_sleep"),
        Setting.Whole((draft, count) => TrlTrainer.Rollout(draft).GroupSize = count > 1 ? (int)Math.Min(count, int.MaxValue) : null, "--n_samples_per_prompt", "--rollout.n_samples_per_prompt"),
        Setting.Whole((draft, size) => TrlTrainer.Rollout(draft).EngineTensor = (int)Math.Min(size, int.MaxValue), "--vllm_tensor_parallel_size", "--vllm.tensor_parallel_size"),
        Setting.Word(TrlTrainer.Utilization, "--vllm_gpu_memory_utilization", "--vllm.gpu_memory_utilization"),
        Setting.Switch(draft => TrlTrainer.Rollout(draft).EngineSleeps = true, "--vllm_enable_sleep", "--vllm.enable_sleep"),
        Kept(Estimator, "--algo.advantage.estimator"), Kept(Penalty, "--algo.kl.init_coef"), Kept(Prompt), Kept(Answer, "--max_new_tokens", "--rollout.max_new_tokens"),
        Kept(Engines, "--vllm.num_engines"), Kept(Tokens, "--train.max_tokens_per_gpu"), Kept(Reward, "--reward.model_name_or_path"), Kept(Critic, "--critic.model_name_or_path"),
        Kept(Remote, "--reward.remote_url"), Kept(Agent, "--train.agent_func_path"),
        Switched(SharesAll, "--train.colocate_all"), Switched(SharesReference, "--train.colocate_actor_ref"), Switched(IsAsync, "--train.async_enable"),
        Switched(IsDynamic, "--train.dynamic_batch_enable"),
        Setting.UnlessOn("--ref_reward_offload", "--reward.offload", "--enable_ema", "--train.enable_ema", "--ptx_coef"),
        Setting.WithoutEffect(
            FlagValues.None,
            "--colocate_critic_reward", "--train.colocate_critic_reward", "--vllm_sync_with_ray", "--vllm.sync_with_ray", "--enable_prefix_caching", "--vllm.enable_prefix_caching",
            "--enforce_eager", "--vllm.enforce_eager", "--normalize_reward", "--reward.normalize_enable", "--save_value_network", "--actor_init_on_gpu", "--no_advantage_std_norm",
            "--algo.advantage.no_std_norm", "--use_kl_loss", "--algo.kl.use_loss", "--use_kl_estimator_k3", "--dynamic_filtering", "--algo.dynamic_filtering_enable", "--perf", "--partial_rollout",
            "--train.partial_rollout_enable", "--enable_vllm_is_correction", "--algo.advantage.is_correction_enable", "--actor.gradient_checkpointing_reentrant", "--train.full_determinism_enable"),
        Setting.WithoutEffect(
            FlagValues.Several,
            "--eps_clip_low_high", "--reward_clip_range", "--dynamic_filtering_reward_range", "--algo.dynamic_filtering_range", "--vllm_is_truncated_threshold", "--algo.advantage.is_correction_threshold"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--ref_num_nodes", "--ref_num_gpus_per_node", "--reward_num_nodes", "--reward_num_gpus_per_node", "--critic_num_nodes", "--critic_num_gpus_per_node", "--actor.*", "--critic.*", "--ref.*",
            "--reward.*", "--rollout.*", "--algo.*", "--vllm.*", "--eval.*", "--train.*", "--vllm_sync_backend", "--actor_learning_rate", "--critic_learning_rate", "--rollout_batch_size",
            "--micro_rollout_batch_size", "--rollout_max_tokens_per_gpu", "--vllm_generate_batch_size", "--num_episodes", "--prompt_data", "--prompt_data_probs", "--prompt_split", "--label_key",
            "--data.*", "--temperature", "--top_p", "--gamma", "--lambd", "--eps_clip", "--dual_clip", "--value_clip", "--kl_target", "--kl_horizon", "--kl_estimator", "--entropy_loss_coef",
            "--policy_loss_type", "--freezing_actor_steps", "--ema_beta", "--value_head_prefix", "--async_queue_size", "--overlong_buffer_len", "--overlong_penalty_factor",
            "--stop_properly_penalty_coef", "--vllm_is_correction_type", "--eval_n_samples_per_prompt", "--eval_temperature", "--best_metric_key", "--max_samples"),
    ];

    public static TrainingProgram Program { get; } = new("OpenRLHF PPO", Trainer.OpenRLHF, new SettingTable([.. OpenRlhfKeys.Shared, .. Own]), Complete);

    private static void Complete(TrainingDraft draft)
    {
        draft.Processes.Nodes ??= 1;
        draft.Processes.PerNode ??= UsualGpus;
        OpenRlhfKeys.CompleteDivision(draft);
        var estimator = draft.Together.GetValueOrDefault(Estimator, "gae");
        draft.Training.Objective = estimator switch { "gae" => TrainingObjective.PPO, "rloo" => TrainingObjective.RLOO, _ => TrainingObjective.GRPO };
        CompleteLength(draft);
        TransformersTrainer.CompleteBatch(draft, 1, "micro_train_batch_size");
        CompleteModels(draft, Has(draft, SharesAll));
        CompleteEngine(draft, Has(draft, SharesAll) && !Has(draft, IsAsync));
    }

    /// <summary>Which models share the actor's GPUs: each has the actor's size where it is the actor's model, or one that is not known here.</summary>
    private static void CompleteModels(TrainingDraft draft, bool sharesAll)
    {
        // The reference is there to measure the distance from it.
        var isCompared = draft.Together.GetValueOrDefault(Penalty) is not ("0" or "0.0" or "0.00");
        draft.Training.ReferenceModel = isCompared && (sharesAll || Has(draft, SharesReference));
        var scores = draft.Together.ContainsKey(Reward) && !draft.Together.ContainsKey(Remote) && !draft.Together.ContainsKey(Agent);
        draft.Training.RewardModel = scores && sharesAll;
        if (draft.Training.Objective == TrainingObjective.PPO)
            draft.Training.ValueTraining = sharesAll ? ValueTraining.InTurn : ValueTraining.Separate;
        if (!sharesAll)
            draft.Assume("Only the actor's GPUs are estimated: critic, reward model and engine have others.");
        else if (draft.Training.Objective == TrainingObjective.PPO || scores)
            draft.Assume("Critic and reward model are taken to have the layers of the actor.");
        if (!sharesAll)
            return;
        // Where no critic is named, it is made of the reward model.
        var reward = scores ? draft.Together[Reward].Split(',')[0] : null;
        if (draft.Training.Objective == TrainingObjective.PPO)
            OtherModels.Compare(draft, "critic", draft.Together.GetValueOrDefault(Critic) ?? reward);
        OtherModels.Compare(draft, "reward model", reward);
    }

    private static void CompleteLength(TrainingDraft draft)
    {
        var answer = Number(draft, Answer);
        if (Has(draft, IsDynamic))
        {
            draft.Training.SequenceLength = Number(draft, Tokens) ?? UsualTokens;
            draft.Training.MicroBatchSize = 1;
            draft.Assume($"Sequences are packed up to {draft.Training.SequenceLength} tokens, and are estimated as one of that length.");
            return;
        }
        if (draft.Training.SequenceLength is null && (draft.Together.ContainsKey(Prompt) || draft.Together.ContainsKey(Answer)))
            draft.Training.SequenceLength = (Number(draft, Prompt) ?? (UsualLength / 2)) + (answer ?? (UsualLength / 2));
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"max_len is not given, and is {UsualLength} then.");
        }
        if (answer < draft.Training.SequenceLength)
            TrlTrainer.Rollout(draft).CompletionLength = answer;
    }

    private static void CompleteEngine(TrainingDraft draft, bool isShared)
    {
        var rollout = TrlTrainer.Rollout(draft);
        if (isShared && Number(draft, Engines) > 0)
        {
            rollout.Engine = RolloutEngine.Colocated;
            rollout.EngineMemoryPercent ??= UsualEnginePercent;
            return;
        }
        (rollout.Engine, rollout.EngineMemoryPercent, rollout.EngineTensor, rollout.EngineSleeps) = (RolloutEngine.Separate, null, null, null);
    }

    private static bool Has(TrainingDraft draft, string key) => draft.Together.ContainsKey(key);

    private static long? Number(TrainingDraft draft, string key) => draft.Together.GetValueOrDefault(key) is { } text ? Setting.Number(text) : null;

    private static Setting Kept(string key, params string[] names) => Setting.Word((draft, text) => (draft.Together[key] = text).Length > 0, [key, .. names]);

    private static Setting Switched(string key, params string[] names) => Setting.Switch(draft => draft.Together[key] = "true", [key, .. names]);
}
