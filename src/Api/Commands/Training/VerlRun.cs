using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>What verl's keys say only together, and what it takes where nothing is said (verl/trainer/config, verl/workers).</summary>
internal static class VerlRun
{
    /// <summary>The sizes of a batch.</summary>
    public const string Prompt = "--max_prompt_length", Response = "--max_response_length", MiniBatch = "--ppo_mini_batch_size", MicroBatch = "--ppo_micro_batch_size_per_gpu";

    /// <summary>The sizes of a batch by its tokens, and of what log-probabilities are made of at once.</summary>
    public const string IsDynamic = "--use_dynamic_bsz", Tokens = "--ppo_max_token_len_per_gpu", ScoredBatch = "--log_prob_micro_batch_size_per_gpu", Scored = "--log_prob_max_token_len_per_gpu";

    /// <summary>Which models there are, and where.</summary>
    public const string Estimator = "--adv_estimator", Loss = "--use_kl_loss", Reward = "--use_kl_in_reward", Hybrid = "--hybrid_engine";

    /// <summary>critic.model.path.</summary>
    public const string Critic = "--critic";

    /// <summary>What leaves the GPU between training steps.</summary>
    public const string WeightsLeave = "--param_offload", StatesLeave = "--optimizer_offload";

    // data.max_prompt_length and data.max_response_length; actor.ppo_mini_batch_size and ppo_max_token_len_per_gpu; trainer.n_gpus_per_node.
    private const int UsualLength = 512, UsualMiniBatch = 256, UsualTokens = 16_384, UsualGpus = 8;

    /// <summary>What it takes where nothing is said, once all is read.</summary>
    public static void Complete(TrainingDraft draft)
    {
        draft.Processes.Nodes ??= 1;
        if (draft.Processes is { PerNode: null, PerNodeIsGpus: false })
        {
            draft.Processes.PerNode = UsualGpus;
            draft.Assume($"trainer.n_gpus_per_node is not given, and is {UsualGpus} then.");
        }
        if (draft.Together.ContainsKey(Hybrid) && !IsOn(draft, Hybrid))
            draft.Reading.NotUnderstood.Add("actor_rollout_ref.hybrid_engine: false, which puts actor and engine on GPUs of their own");

        // engine/fsdp.yaml: strategy fsdp, model_dtype fp32 under autocast to bfloat16. Of version 1 weights that stay gathered are SHARD_GRAD_OP.
        var fsdp = FsdpKeys.Of(draft);
        fsdp.Version ??= 1;
        if (fsdp is { Version: 1, ReshardsAfterForward: false })
            fsdp.Sharding = Sharding.Gradients;
        if (draft.Loaded is null)
            draft.Assume("verl keeps weights in fp32 where model_dtype does not say otherwise.");
        (draft.Mixed, draft.Loaded) = (MixedPrecision.BF16, draft.Loaded ?? DataType.FP32);
        if (draft is { Loaded: DataType.BF16, HasAdapters: not true })
            draft.Training.Precision = Precision.BF16;
        draft.Training.Attention ??= AttentionKernel.Flash;
        var (weights, states) = (IsOn(draft, WeightsLeave), IsOn(draft, StatesLeave));
        if (weights && states)
            draft.Offload.BetweenSteps = true;
        else if (weights || states)
            draft.Reading.NotUnderstood.Add($"actor_rollout_ref.actor.fsdp_config.{(weights ? WeightsLeave : StatesLeave)[2..]}: True without the other");
        CompleteObjective(draft);
        CompleteBatch(draft);
    }

    private static void CompleteObjective(TrainingDraft draft)
    {
        var estimator = draft.Together.GetValueOrDefault(Estimator, "gae");
        draft.Training.Objective = estimator.StartsWith("rloo", StringComparison.Ordinal) ? TrainingObjective.RLOO : estimator == "gae" ? TrainingObjective.PPO : TrainingObjective.GRPO;
        draft.Training.ReferenceModel = false;
        if (draft.Training.Objective == TrainingObjective.PPO)
        {
            draft.Assume("The critic is taken to have the layers and the settings of the actor; of its keys the model alone is read.");
            OtherModels.Compare(draft, "critic", draft.Together.GetValueOrDefault(Critic));
        }
        else if (!estimator.StartsWith("grpo", StringComparison.Ordinal) && draft.Training.Objective != TrainingObjective.RLOO)
            draft.Assume($"algorithm.adv_estimator {estimator} needs no critic, and is estimated as grpo.");
        if (draft.HasAdapters != true && (IsOn(draft, Loss) || IsOn(draft, Reward)))
            draft.Assume("verl keeps the weights of the reference on the host, and gathers them there for as long as it scores.");
    }

    /// <summary>
    /// Sequences of one optimizer step are the prompts of a mini-batch with all their completions (workers/fsdp_workers.py). Logits are made of prompts, too
    /// (workers/actor/dp_actor.py).
    /// </summary>
    private static void CompleteBatch(TrainingDraft draft)
    {
        foreach (var key in new[] { Prompt, Response }.Where(key => !draft.Together.ContainsKey(key)))
            draft.Assume($"data.{key[2..]} is not given, and is {UsualLength} then.");
        draft.Training.SequenceLength = Number(draft, Prompt, UsualLength) + Number(draft, Response, UsualLength);
        if (IsOn(draft, IsDynamic))
        {
            // As many sequences as have that many tokens; under Ulysses on all ranks of a group together.
            var tokens = Number(draft, Tokens, UsualTokens);
            draft.Training.SequenceLength = tokens * Math.Max(1, draft.Layout.Context?.Value ?? 1);
            draft.Training.MicroBatchSize = 1;
            draft.Assume($"use_dynamic_bsz packs sequences up to ppo_max_token_len_per_gpu {tokens}, and they are estimated as one of that length.");
            Check(draft, Scored, tokens);
            return;
        }
        if (Number(draft, MicroBatch, 0) is not (> 0 and var micro))
        {
            draft.Reading.NotUnderstood.Add("ppo_micro_batch_size_per_gpu, which is not given: verl refuses to start without it or use_dynamic_bsz");
            return;
        }
        draft.Training.MicroBatchSize = micro;
        if (draft.Training.Rollout?.GroupSize is { } group)
        {
            draft.Training.GlobalBatchSize = Number(draft, MiniBatch, UsualMiniBatch) * group;
            if (!draft.Together.ContainsKey(MiniBatch))
                draft.Assume($"actor.ppo_mini_batch_size is not given, and is {UsualMiniBatch} then.");
        }
        Check(draft, ScoredBatch, micro);
    }

    /// <summary>Log-probabilities of more at once than is trained at once may need more than the training step.</summary>
    private static void Check(TrainingDraft draft, string key, long trained)
    {
        if (Number(draft, key, trained) is var scored && scored > trained)
            draft.Reading.NotUnderstood.Add($"{key[2..]} {scored}, where {trained} are trained at once: what log-probabilities of more need");
    }

    /// <summary>Takes the larger of two: actor and reference score one after the other.</summary>
    public static bool Larger(TrainingDraft draft, string key, string text)
    {
        if (Setting.Number(text) is not { } number)
            return false;
        if (number > Number(draft, key, 0))
            draft.Together[key] = text;
        return true;
    }

    private static bool IsOn(TrainingDraft draft, string key) => draft.Together.GetValueOrDefault(key) is { } text && Setting.Truth(text) == true;

    /// <summary>A number that is none is said, and what the program takes where nothing is said stands for it.</summary>
    private static long Number(TrainingDraft draft, string key, long usual)
    {
        if (!draft.Together.TryGetValue(key, out var text))
            return usual;
        if (Setting.Number(text) is { } number and <= int.MaxValue)
            return number;
        draft.Reading.NotUnderstood.Add($"{key[2..]}: {text}");
        return usual;
    }
}
