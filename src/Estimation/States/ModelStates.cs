namespace GpuMem.Estimation.States;

/// <summary>Weights, gradients and optimizer state of one rank after sharding (ZeRO, arXiv 1910.02054, section 5; FSDP, arXiv 2304.11277).</summary>
internal readonly struct ModelStates
{
    public ModelStates(in RankContext rank)
    {
        var (recipe, training) = (rank.Recipe, rank.Training);
        Weights = Margins.OfStates(WeightsOf(rank)) + TrainedTowers(rank) + UndividedExperts(rank) + UnquantisedExperts(rank) + Amount.Exactly(MaskTablesOf(rank).Whole);
        Adapters = rank.IsAdapted ? Margins.OfStates(AdaptersOf(rank)) : default;
        Master = recipe.Master > 0 ? Margins.OfStates(MasterOf(rank)) : default;
        Gradients = Margins.OfGradients(GradientsOf(rank));
        GradientCopy = recipe.GradientCopy > 0 ? Margins.OfGradients(GradientCopyOf(rank)) : default;
        Optimizer = training.Optimizer == Jobs.Optimizer.GaLore ? Margins.OfGradients(OptimizerOf(rank)) : Margins.OfStates(OptimizerOf(rank));
        MovingAverage = training.MovingAverage ? Margins.OfStates(MovingAverageOf(rank)) : default;

        // A frozen model under adapters is its own reference.
        ReferenceModel = training.ReferenceModel && !rank.IsAdapted ? Margins.OfStates(ReferenceOf(rank)) : default;
        RewardModel = training.RewardModel ? Margins.OfStates(RewardOf(rank)) : default;
        OffGpu = default;
        if (StepsOnHost(rank))
        {
            // On master weights and gradients that live there (ZeRO-Offload, arXiv 2101.06840, section 4).
            OffGpu = OffGpu.With(OptimizerTarget(training.Offload), Master + Optimizer + GradientCopy + MovingAverage);
            (Master, Optimizer, GradientCopy, MovingAverage) = (default, default, default, default);
            if (recipe.ShardGradients)
            {
                OffGpu = OffGpu.With(OffloadTarget.Host, Gradients);
                Gradients = default;
            }
        }

        if (training.Offload.Parameters != OffloadTarget.None)
        {
            OffGpu = OffGpu.With(training.Offload.Parameters, Weights + Adapters + ReferenceModel + RewardModel);
            (Weights, Adapters, ReferenceModel, RewardModel) = (default, default, default, default);
        }
    }

    public Amount Weights { get; }

    public Amount Adapters { get; }

    public Amount Master { get; }

    public Amount Gradients { get; }

    /// <summary>Only during the optimizer step.</summary>
    public Amount GradientCopy { get; }

    public Amount Optimizer { get; }

    public Amount MovingAverage { get; }

    public Amount ReferenceModel { get; }

    public Amount RewardModel { get; }

    /// <summary>What this rank keeps in host memory and on NVMe.</summary>
    public OffGpu OffGpu { get; }

    /// <summary>What is certain: it is all alive at once in the optimizer step.</summary>
    public long Least => checked(Weights.Expected + Adapters.Expected + Master.Expected + Gradients.Expected + Optimizer.Expected + MovingAverage.Expected + ReferenceModel.Expected + RewardModel.Expected);

    /// <summary>The optimizer's states live off the GPU, and so does its step.</summary>
    public static bool StepsOnHost(in RankContext rank) => rank.Training.Offload.Optimizer != OffloadTarget.None || LeavesWithParameters(rank);

    /// <summary>FSDP's CPUOffload moves a shard with its gradients, and so the optimizer's states are made on the host.</summary>
    private static bool LeavesWithParameters(in RankContext rank) => rank.IsFullySharded && rank.Training.Offload.Parameters != OffloadTarget.None;

    private static OffloadTarget OptimizerTarget(OffloadSpec offload) => offload.Optimizer == OffloadTarget.None ? OffloadTarget.Host : offload.Optimizer;

    public static Formula WeightsOf(in RankContext rank)
    {
        var (held, shards) = (Held(rank, rank.Base, rank.Recipe.ShardWeights), rank.Recipe.ShardWeights ? rank.Shards : 1);
        var towers = Towers(rank);
        return rank.IsQuantised ? Quantised(rank, held, towers).Over(shards) : new(
            towers == 0 ? "β · N" : "β · N + β · N_towers",
            rank.Recipe.SourceText,
            new(rank.IsAdapted ? rank.Recipe.Frozen : rank.Recipe.Weight, held.Total),
            new(rank.Recipe.Frozen, towers),
            shards: shards);
    }

    /// <summary>Buffers of transformers' modules, which nothing divides.</summary>
    public static Formula MaskTablesOf(in RankContext rank) => rank.Code.IsTransformers && rank.Model.MaskTables > 0
        ? new("positions² · tables, causal masks", "huggingface/transformers models/gpt2/modeling_gpt2.py, register_buffer", new(rank.Model.ContextLength, rank.Model.ContextLength, rank.Model.MaskTables))
        : default;

    /// <summary>Parameters of the towers for pictures and sound, which come before the first layer.</summary>
    private static long Towers(in RankContext rank) => rank.Stage.IsFirst ? rank.Model.VisionParameters : 0;

    /// <summary>Towers are mostly frozen, and nobody says whether: trained whole they have gradients and states, too.</summary>
    private static Amount TrainedTowers(in RankContext rank)
    {
        if (Towers(rank) is not (> 0 and var towers) || rank.IsAdapted)
            return default;
        var shards = rank.Recipe.ShardWeights ? rank.Shards : 1;
        return new Amount(0, Ratio.DivideUp(checked((rank.Recipe.Sum - rank.Recipe.Frozen) * towers), shards));
    }

    /// <summary>
    /// fully_shard cuts a parameter in whole rows and pads every rank to as many as the first has. transformers 5 has the experts of a layer in one parameter,
    /// a row each: more ranks than experts save nothing more (findings/fsdp-more-ranks-than-rows.sh). Jobs seldom say which FSDP they run, and the first cuts
    /// anywhere: not certain.
    /// </summary>
    private static Amount UndividedExperts(in RankContext rank)
    {
        if (!rank.IsFullySharded || !rank.Code.GroupsExperts || rank.IsQuantised || rank.Training.Framework != TrainingFramework.PyTorchFSDP || rank.Experts.Parallel > 1
            || rank.Job.Parallelism.FsdpVersion != 2 || rank.Base.Experts.Total == 0)
            return default;
        checked
        {
            long rows = rank.Model.Parts?.Layers.Max(layer => layer.Experts) ?? rank.Model.Experts!.Count;
            var held = rank.Base.Experts.Total / rows * Ratio.DivideUp(rows, rank.Shards);
            return new Amount(0, (rank.IsAdapted ? rank.Recipe.Frozen : rank.Recipe.Sum) * (held - Ratio.DivideUp(rank.Base.Experts.Total, rank.Shards)));
        }
    }

    /// <summary>
    /// transformers 5 has the experts of a layer in parameters of their own, which bitsandbytes leaves in 16 bits (axolotl docs/expert_quantization.qmd). A program
    /// may quantise them itself, and a release of it may run on transformers 4: not certain.
    /// </summary>
    private static Amount UnquantisedExperts(in RankContext rank)
    {
        if (!Assumptions.LeavesExperts(rank.Training) || rank.Base.Experts.Total - rank.Base.Experts.Vectors is not (> 0 and var experts))
            return default;
        var more = checked((rank.Recipe.Frozen * experts) - QuantizedWeight.Of(FrozenWeights.Format(rank.Training.Quantization)).Of(experts));
        return new Amount(0, Ratio.DivideUp(Math.Max(0, more), rank.Recipe.ShardWeights ? rank.Shards : 1));
    }

    private static Formula Quantised(in RankContext rank, in ParameterTally held, long towers) => FrozenWeights.Quantized(
        held, rank.Training.Quantization, rank.QuantisedHead, rank.UnquantisedBytes, new(rank.Recipe.Frozen, towers));

    public static Formula AdaptersOf(in RankContext rank) =>
        new("β · Σ r · (in + out)", "LoRA, arXiv 2106.09685", new(rank.Recipe.Weight, Held(rank, rank.Trained, rank.Recipe.ShardWeights).Total), shards: rank.Recipe.ShardWeights ? rank.Shards : 1);

    public static Formula MasterOf(in RankContext rank) => new(
        Symbols(rank), rank.Recipe.SourceText, new(rank.Recipe.Master, States(rank).Total), shards: OptimizerShards(rank));

    /// <summary>
    /// Without synchronisation between micro-batches, FSDP's flat parameters keep gradients as long as they are gathered: frozen weights included. A step in
    /// backward uses and frees each gradient before the next: the largest is left.
    /// </summary>
    public static Formula GradientsOf(in RankContext rank)
    {
        var (trained, largest) = (Held(rank, rank.Trained, rank.Recipe.ShardGradients).Total, checked(rank.Shape.Vocabulary * rank.Shape.Hidden));

        // A trained copy of the head or the embedding lies outside those units, and may be more than they are.
        if (rank.Code.AccumulatesWhole && rank.IsFullySharded && rank.AccumulatesGradients && !rank.StepsInBackward
            && checked(rank.Base.Total - rank.RootParameters) is var gathered && gathered >= Ratio.DivideUp(trained, rank.Recipe.ShardGradients ? rank.Shards : 1))
            return new("β · N of gathered units", rank.Recipe.SourceText, new(rank.Recipe.Gradient, gathered));
        return new(
            rank.StepsInBackward ? "β · largest tensor" : Symbols(rank),
            rank.Recipe.SourceText,
            new(rank.Recipe.Gradient, rank.StepsInBackward ? Math.Min(trained, largest) : trained),
            shards: rank.Recipe.ShardGradients ? rank.Shards : 1);
    }

    public static Formula GradientCopyOf(in RankContext rank) => new(
        "β · N, gradients in fp32", rank.Recipe.SourceText, new(rank.Recipe.GradientCopy, States(rank).Total), shards: OptimizerShards(rank));

    public static Formula OptimizerOf(in RankContext rank)
    {
        var (recipe, training) = (rank.Recipe, rank.Training);
        var whole = training.Optimizer == Jobs.Optimizer.GaLore
            ? GaLoreState.Of(rank, States(rank))
            : OptimizerState.Of(
                training.Optimizer, States(rank), recipe.Moment, training.Framework == TrainingFramework.HuggingFace && !rank.IsAdapted, recipe.SecondMoment, recipe.SourceText);
        return whole.Over(OptimizerShards(rank));
    }

    /// <summary>Averages follow the weights that they average.</summary>
    public static Formula MovingAverageOf(in RankContext rank) =>
        new("4 B · N", "an average of the weights, kept in fp32", new(4, States(rank).Total), shards: OptimizerShards(rank));

    public static Formula ReferenceOf(in RankContext rank) => Frozen(rank, "β · N, frozen", "DPO, arXiv 2305.18290", rank.Base);

    /// <summary>Under a head of one number per sequence.</summary>
    public static Formula RewardOf(in RankContext rank) => Frozen(rank, "β · N without the output matrix, frozen", "InstructGPT, arXiv 2203.02155", rank.Base.WithoutHead);

    private static Formula Frozen(in RankContext rank, string symbols, string source, in ParameterTally tally) => new(
        symbols, source, new(rank.Recipe.Compute, Held(rank, tally, rank.Recipe.ShardWeights).Total), shards: rank.Recipe.ShardWeights ? rank.Shards : 1);

    private static string Symbols(in RankContext rank) => rank.IsAdapted ? "β · N_adapters" : "β · N";

    private static ParameterTally States(in RankContext rank) => Held(rank, rank.Trained, rank.Recipe.ShardOptimizer);

    private static long OptimizerShards(in RankContext rank) => rank.Recipe.ShardOptimizer ? rank.Shards : 1;

    /// <summary>Before a division, with what experts have fewer replicas for.</summary>
    private static ParameterTally Held(in RankContext rank, in ParameterTally tally, bool sharded) => sharded ? rank.Divisible(tally) : tally;
}
