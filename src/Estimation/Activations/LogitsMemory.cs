namespace GpuMem.Estimation.Activations;

/// <summary>Logits and cross entropy on the rank that holds the output matrix, with the inputs of final norm and head.</summary>
internal static class LogitsMemory
{
    // Chunks into which token-wise losses are cut by default (torchtune CEWithChunkedOutputLoss, num_output_chunks).
    private const int Chunks = 8;

    public static Amount Of(in RankContext rank)
    {
        if (!rank.Stage.IsLast)
            return default;
        var (expected, upper) = PerLogit(rank);
        return new Amount(With(rank, expected).Whole, With(rank, upper).Whole);
    }

    /// <param name="rank">One that holds the output matrix.</param>
    /// <param name="perLogit">Bytes of a logit, all tensors of the loss together.</param>
    public static Formula With(in RankContext rank, Ratio perLogit)
    {
        checked
        {
            var (training, shape, inputs) = (rank.Training, rank.Shape, Inputs(rank));

            // A product with the whole hidden state gathers it, and its gradient has the same size before it is scattered again.
            if (rank.HiddenParts > 1 && training.Framework == TrainingFramework.PyTorchFSDP)
                inputs += 2 * rank.Recipe.Compute * shape.Hidden * (rank.Tokens - (rank.Tokens / rank.HiddenParts));

            // Chunk by chunk the gradient of the output matrix is accumulated while the logits of the others wait (arXiv 2410.10989; torchtune modules/loss).
            var chunks = training.Loss is LossKernel.Chunked or LossKernel.Fused && !rank.IsAdapted;
            return new(
                (chunks, TrlChunks(rank)) switch
                {
                    (_, true) => "β · T · V / t + inputs of final norm and head + cast and gradient of the output matrix",
                    (true, _) => "β · T · V / t + inputs of final norm and head + gradient of the output matrix",
                    _ => "β · T · V / t + inputs of final norm and head",
                },
                Source(rank),
                new(perLogit, rank.ScoredTokens, shape.Vocabulary),
                new(1, inputs),
                TrlChunks(rank) ? new(OutputMatrixAndGradient(rank), shape.Vocabulary, shape.Hidden) : new(rank.Recipe.Compute, chunks ? shape.Vocabulary : 0, shape.Hidden));
        }
    }

    /// <summary>Where the loss is computed.</summary>
    public static string Source(in RankContext rank) => rank.Training.Loss switch
    {
        LossKernel.Fused => "Liger, arXiv 2410.10989",
        LossKernel.Chunked when TrlChunks(rank) => "huggingface/trl trl/trainer/sft_trainer.py, chunked_nll",
        LossKernel.Chunked when rank.Code.ChunkedLogit is null => "torchtune torchtune/modules/loss",
        LossKernel.Full when ScoresSelected(rank) => "huggingface/trl trl/trainer/utils.py, selective_log_softmax",
        LossKernel.InPlace => "TransformerEngine transformer_engine/pytorch/triton/cross_entropy.py",
        _ => rank.Code.LossSource,
    };

    /// <summary>What the last norm and the output matrix keep.</summary>
    public static long Inputs(in RankContext rank) =>
        (TransformersLayer.Knows(rank) ? TransformersLayer.Of(rank, LayerKind.Dense).Last() : new TokenBytes(checked(2 * rank.Recipe.Compute * rank.Shape.Hidden), 0)).Of(rank);

    /// <summary>Of each logit the tanh of a soft cap, in the type of the logits; elsewhere taken to be in fp32.</summary>
    public static int Softcap(in RankContext rank) => !rank.Model.LogitSoftcapping ? 0 : rank.Code.IsTransformers ? rank.LogitBytes : 4;

    /// <summary>
    /// For each logit, what the losses of modules for further tokens keep until the model's own has run backward: the softmax in fp32, or the logits that
    /// become their gradient (Megatron-LM core/models/gpt/gpt_model.py).
    /// </summary>
    public static int OfModules(in RankContext rank) => rank.Predicts * (rank.Training.Loss == LossKernel.InPlace ? rank.Recipe.Compute : 4);

    /// <summary>Bytes per token and vocabulary entry of this rank.</summary>
    public static (Ratio Expected, Ratio Upper) PerLogit(in RankContext rank)
    {
        var softcap = Softcap(rank);
        var (expected, upper) = Own(rank, softcap);
        var modules = OfModules(rank);
        return modules == 0 ? (expected, upper) : (Plus(expected, modules), Plus(upper, modules));
    }

    private static Ratio Plus(Ratio bytes, int more) => checked(new(bytes.Numerator + (more * bytes.Denominator), bytes.Denominator));

    private static (Ratio Expected, Ratio Upper) Own(in RankContext rank, int softcap) => rank.Training.Loss switch
    {
        LossKernel.Chunked when rank.Code.ChunkedLogit is { } kept => (Ratio.Whole(kept + softcap), Ratio.Whole(kept + 2 + softcap)),
        LossKernel.Chunked when rank.Code.ChunkTokens is { } tokens => InChunk(rank, tokens, softcap),
        LossKernel.Chunked => (new((2 * Chunks) + (rank.Training.FusedKernels == true ? 4 : 10) + softcap, Chunks), new((2 * Chunks) + (2 * (10 + softcap)), Chunks)),
        LossKernel.Fused => (FusedChunk(rank.Model, 14 + softcap), FusedChunk(rank.Model, 2 * (16 + softcap))),

        // Logits of the compute type become their gradient; at most a copy in fp32 beside them, as Megatron-LM core/fusions/fused_cross_entropy.py has it.
        // Autocast hands them on as such a copy (accelerate utils/operations.py, convert_outputs_to_fp32), whose gradient is cast back beside it.
        LossKernel.InPlace when rank is { Code.IsTransformers: true, Recipe.Autocast: true, Training.ScoresTokens: false } => (Ratio.Whole(rank.Recipe.Compute + 4 + softcap), Ratio.Whole(rank.Recipe.Compute + 4 + (2 * softcap))),
        LossKernel.InPlace => (Ratio.Whole(rank.Recipe.Compute + softcap), Ratio.Whole(rank.Recipe.Compute + 4 + (2 * softcap))),
        _ when ScoresSelected(rank) => Scored(rank, softcap),
        _ => Whole(rank, softcap),
    };

    /// <summary>
    /// Fused losses cut tokens so that one chunk of logits is about as large as all hidden states, but at least in two
    /// (linkedin/Liger-Kernel ops/fused_linear_cross_entropy.py, inc_factor).
    /// </summary>
    private static Ratio FusedChunk(ModelArchitecture model, long bytes) => checked(new(bytes * Math.Min(model.HiddenSize, Ratio.DivideUp(model.VocabularySize, 2)), model.VocabularySize));

    private static bool TrlChunks(in RankContext rank) => rank.Training.Loss == LossKernel.Chunked && rank.Code.ChunkTokens is not null;

    private static bool ScoresSelected(in RankContext rank) => rank.Training.ScoresTokens && rank.Code is { IsTransformers: true, ScoresAsTrained: false };

    /// <summary>
    /// trl trainer/sft_trainer.py, chunked_nll: fp32 logits, log-softmax and what entropy and gradient make of them, of one chunk, which backward
    /// computes again; under autocast the product is in 16 bits first (hack/oracle/chunked_loss.py).
    /// </summary>
    private static (Ratio Expected, Ratio Upper) InChunk(in RankContext rank, int tokens, int softcap)
    {
        var (bytes, atOnce) = (rank.Recipe.Autocast ? 14 : 16, Math.Min(tokens, rank.ScoredTokens));
        return (new(checked((bytes + softcap) * atOnce), rank.ScoredTokens), new(checked((bytes + 8 + (2 * softcap)) * atOnce), rank.ScoredTokens));
    }

    /// <summary>Per weight of the output matrix: the fp32 copy of a 16-bit one, or the 16-bit cast of an fp32 one, and its gradient where it is trained.</summary>
    private static int OutputMatrixAndGradient(in RankContext rank)
    {
        var weight = rank.IsAdapted ? rank.Recipe.Frozen : rank.Recipe.Weight;
        return (weight < 4 ? 4 : rank.Recipe.Compute < 4 ? rank.Recipe.Compute : 0) + (rank.IsAdapted ? 0 : weight);
    }

    /// <summary>
    /// trl trainer/utils.py, selective_log_softmax, row after row. Forward: logits, log-softmax, which autocast makes fp32, and the cast of one row.
    /// Backward: log-softmax and one row's two gradients. In fp32: logits, log-sum-exp's softmax and both gradients (hack/oracle/log_probabilities.py).
    /// </summary>
    private static (Ratio Expected, Ratio Upper) Scored(in RankContext rank, int softcap)
    {
        var rows = checked(rank.Training.MicroBatchSize * (rank.Training.Objective.IsPaired() ? 2 : 1));
        var bytes = checked(rank.LogitBytes == 4 ? 16 * rows : rank.Recipe.Autocast ? Math.Max((6 * rows) + 4, (4 * rows) + 8) : Math.Max(4 * rows, (2 * rows) + 4));
        return (new(checked(bytes + (softcap * rows)), rows), Ratio.Whole(Math.Max(Ratio.DivideUp(bytes, rows), 12) + (2 * softcap)));
    }

    private static (Ratio Expected, Ratio Upper) Whole(in RankContext rank, int softcap)
    {
        var (code, training) = (rank.Code, rank.Training);
        var (expected, upper) = code.Logit;
        if (rank.Job.Parallelism.Tensor > 1 && code.DividedLogit is { } divided)
            (expected, upper) = (divided, divided);
        else if (training.FusedKernels == true && code.CompiledLogit is { } compiled)
            expected = compiled;

        // In fp32 there is no copy and no cast: logits, log-softmax and gradient.
        if (rank.Recipe.Compute == 4)
            expected = Math.Min(expected, 12);
        if (rank.LosesInOwnType)
            expected = Math.Min(expected, (2 * rank.LikelihoodBytes) + rank.LogitBytes);
        expected += rank.HeldOutputs;
        if (training.Outputs is not null)
            upper = expected;
        return (Ratio.Whole(expected + softcap), Ratio.Whole(Math.Max(expected, upper) + (2 * softcap)));
    }
}
