namespace GpuMem.Estimation.States;

/// <summary>
/// The value model (critic) that PPO trains beside the policy (arXiv 1707.06347): the layers and the embedding of the same model under a head of one number
/// per token, which is as good as nothing. It has gradients and optimizer states of its own.
/// </summary>
internal readonly struct ValueModel
{
    public ValueModel(in RankContext policy)
    {
        var rank = RankOf(policy);
        var states = new ModelStates(rank);
        States = states.Weights + states.Adapters + states.Master + states.Optimizer;
        if (rank.PersistentGradients)
            States += states.Gradients;
        OffGpu = states.OffGpu;
        if (policy.Training.Offload.BetweenSteps)
            (OffGpu, States) = (OffGpu.With(OffloadTarget.Host, States), default);
        if (policy.Training.ValueTraining != ValueTraining.Together)
            return;
        Gradients = rank.PersistentGradients ? default : states.Gradients;
        Temporaries = OptimizerTemporaries.Of(rank, states);
        Activations = new ActivationMemory(rank).Stored;
        Held = Amount.Exactly(HiddenStates(policy).Whole);
    }

    /// <summary>There is one on this GPU.</summary>
    public static bool Is(in RankContext policy) => policy.Training.ValueTraining is ValueTraining.Together or ValueTraining.InTurn;

    /// <summary>Weights and optimizer states, and gradients where they stay.</summary>
    public Amount States { get; }

    /// <summary>Made when backward comes to it, together with the policy's.</summary>
    public Amount Gradients { get; }

    /// <summary>Of its part of the step.</summary>
    public Amount Temporaries { get; }

    /// <summary>Kept beside the policy's until backward.</summary>
    public Amount Activations { get; }

    /// <summary>Hidden states of both models that the loop holds until the step is over.</summary>
    public Amount Held { get; }

    /// <summary>What waits off the GPU.</summary>
    public OffGpu OffGpu { get; }

    public static Explanation ExplainStates(in RankContext policy)
    {
        var rank = RankOf(policy);
        var sum = ModelStates.WeightsOf(rank).Explain() + ModelStates.MaskTablesOf(rank).Explain();
        if (rank.IsAdapted)
            sum += ModelStates.AdaptersOf(rank).Explain();
        if (rank.Recipe.Master > 0)
            sum += ModelStates.MasterOf(rank).Explain();
        sum += ModelStates.OptimizerOf(rank).Explain();
        return rank.PersistentGradients ? sum + ModelStates.GradientsOf(rank).Explain() : sum;
    }

    public static Explanation ExplainGradients(in RankContext policy) => ModelStates.GradientsOf(RankOf(policy)).Explain();

    public static Explanation ExplainTemporaries(in RankContext policy) => OptimizerTemporaries.Explain(RankOf(policy));

    public static Explanation ExplainActivations(in RankContext policy)
    {
        var rank = RankOf(policy);
        return new ActivationMemory(rank).ExplainStored(rank);
    }

    public static Explanation ExplainHeld(in RankContext policy) => HiddenStates(policy).Explain();

    /// <summary>
    /// trl/experimental/ppo asks both models for the hidden states of all layers, to read the last. Where checkpoints or norms keep their inputs as they
    /// come they are there anyway until backward; RMSNorm keeps a copy in fp32 instead.
    /// </summary>
    private static Formula HiddenStates(in RankContext rank) =>
        rank.Training.Recompute == Recompute.Full || rank.WideResidual || rank.Recipe.Compute == 4 || rank.Model.Normalization == Normalization.LayerNorm ? default : new(
            "2 · β · h · T · layers, hidden states", "huggingface/trl trl/experimental/ppo/ppo_trainer.py, output_hidden_states", new(2 * rank.Recipe.Compute * rank.Shape.Hidden, rank.Tokens, rank.Stage.Layers));

    /// <summary>TRL leaves it whole under adapters, of which a step for both knows the policy's alone; elsewhere it is trained as the policy is.</summary>
    private static RankContext RankOf(in RankContext policy)
    {
        var training = policy.Training;
        var whole = training.ValueTraining == ValueTraining.Together && policy.IsAdapted;
        return new RankContext(
            policy.Job with
            {
                Training = training with
                {
                    IsValueModel = true,
                    Method = whole ? TrainingMethod.Full : training.Method,
                    Lora = whole ? null : training.Lora,
                    Quantization = whole ? null : training.Quantization,
                    DataTypes = whole ? null : training.DataTypes,
                    MovingAverage = false,
                    ReferenceModel = false,
                    RewardModel = false,
                },
            },
            policy.Stage.Index);
    }
}
