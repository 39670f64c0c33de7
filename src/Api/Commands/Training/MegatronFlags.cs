using System.Globalization;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Commands.Training;

/// <summary>The arguments of Megatron-LM (megatron/training/arguments.py; core/transformer/transformer_config.py, core/model_parallel_config.py).</summary>
internal static class MegatronFlags
{
    private static readonly Setting[] OfModel =
    [
        Setting.Whole((draft, layers) => Model(draft).Layers = Small(layers), "--num-layers"),
        Setting.Whole((draft, size) => Model(draft).HiddenSize = size, "--hidden-size"),
        Setting.Whole((draft, size) => Model(draft).FeedForwardSize = size, "--ffn-hidden-size"),
        Setting.Whole((draft, heads) => Model(draft).AttentionHeads = Small(heads), "--num-attention-heads"),
        Setting.Switch(draft => draft.Megatron.GroupsQueries = true, "--group-query-attention"),
        Setting.Whole((draft, groups) => draft.Megatron.QueryGroups = Small(groups), "--num-query-groups"),
        Setting.Whole((draft, size) => Model(draft).HeadDimension = Small(size), "--kv-channels"),
        Setting.Switch(draft => Model(draft).GatedFeedForward = true, "--swiglu", "--quick-geglu"),
        Setting.Switch(draft => Model(draft).TiedEmbeddings = false, "--untie-embeddings-and-output-weights"),
        Setting.Switch(draft => Model(draft).Bias = false, "--disable-bias-linear"),
        Setting.Word(Norm, "--normalization"),
        Setting.Switch(draft => draft.Megatron.NormsHeads = true, "--qk-layernorm"),
        Setting.Word(Positions, "--position-embedding-type"),
        Setting.Switch(draft => draft.Megatron.LearnsPositions = false, "--use-rotary-position-embeddings", "--no-position-embedding"),
        Setting.Whole((draft, tokens) => draft.Megatron.Positions = tokens, "--max-position-embeddings"),
        Setting.Whole((draft, size) => Model(draft).VocabularySize = size, "--vocab-size"),
        Setting.Whole((draft, size) => draft.Megatron.VocabularyDivisor = size, "--make-vocab-size-divisible-by"),
        Setting.Word(Tokenizer, "--tokenizer-type"),
        Setting.Word((draft, path) => draft.Megatron.HasTokenizer(path), "--tokenizer-model"),
        Setting.Word((draft, path) => draft.Megatron.HasVocabularyFile(path), "--vocab-file"),
        Setting.Dropout((draft, drops) => draft.Megatron.HiddenDropout = drops, "--hidden-dropout"),
        Setting.Switch(
            draft => draft.Assume("The biases of queries, keys and values, less than a thousandth of the weights, are left out."), "--add-qkv-bias"),
    ];

    private static readonly Setting[] OfExperts =
    [
        Setting.Whole((draft, count) => Experts(draft).Count = Small(count), "--num-experts"),
        Setting.Whole((draft, active) => Experts(draft).ActivePerToken = Small(active), "--moe-router-topk"),
        Setting.Whole((draft, size) => Experts(draft).Size = size, "--moe-ffn-hidden-size"),
        Setting.Whole((draft, size) => Experts(draft).SharedSize = size, "--moe-shared-expert-intermediate-size"),
        Setting.Word(Frequency, "--moe-layer-freq"),
        Setting.Whole((draft, modules) => draft.Training.PredictionModules = Small(modules), "--mtp-num-layers"),
        Setting.Word(Dispatcher, "--moe-token-dispatcher-type"),
        Setting.Word(Capacity, "--moe-expert-capacity-factor"),
        Setting.Switch(draft => draft.Layout.ExpertPadding = true, "--moe-pad-expert-input-to-capacity"),
        Setting.Switch(draft => draft.Megatron.IsLatent = true, "--multi-latent-attention"),
        Setting.Whole((draft, rank) => draft.Megatron.Latent.QueryRank = Small(rank), "--q-lora-rank"),
        Setting.Whole((draft, rank) => draft.Megatron.Latent.KeyValueRank = Small(rank), "--kv-lora-rank"),
        Setting.Whole((draft, size) => draft.Megatron.Latent.PlainHeadDimension = Small(size), "--qk-head-dim"),
        Setting.Whole((draft, size) => draft.Megatron.Latent.RotaryHeadDimension = Small(size), "--qk-pos-emb-head-dim"),
        Setting.Whole((draft, size) => draft.Megatron.Latent.ValueHeadDimension = Small(size), "--v-head-dim"),
    ];

    private static readonly Setting[] OfStep =
    [
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--seq-length", "--encoder-seq-length"),
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--micro-batch-size"),
        Setting.Whole((draft, size) => draft.Training.GlobalBatchSize = size, "--global-batch-size"),
        Setting.Switch(draft => draft.Mixed ??= MixedPrecision.BF16, "--bf16"),
        Setting.Switch(draft => draft.Mixed ??= MixedPrecision.FP16, "--fp16"),
        Setting.Word((draft, format) => (draft.Mixed = format is "hybrid" or "e4m3" ? MixedPrecision.FP8 : draft.Mixed) == MixedPrecision.FP8, "--fp8-format"),
        Setting.Switch(draft => draft.DataTypes.Weights = DataType.FP8, "--fp8-param-gather"),
        Setting.Switch(draft => draft.DataTypes.Gradients = DataType.BF16, "--grad-reduce-in-bf16"),
        Setting.Word((draft, type) => Typed(type, read => draft.DataTypes.Gradients = read), "--main-grads-dtype"),
        Setting.Word((draft, type) => Typed(type, read => draft.DataTypes.Moments = read), "--exp-avg-dtype", "--exp-avg-sq-dtype"),
        Setting.Word((draft, type) => type == "fp32" || (type == "fp16" && (draft.DataTypes.MasterWeights = CopyType.FP16) == CopyType.FP16), "--main-params-dtype"),
        Setting.Switch(draft => draft.Megatron.IsPrecisionAware = true, "--use-precision-aware-optimizer"),
        Setting.Word(Optimizer, "--optimizer"),
        Setting.Switch(draft => draft.Offload.Optimizer = OffloadTarget.Host, "--optimizer-cpu-offload"),
        Setting.Word((_, share) => share is "1" or "1.0", "--optimizer-offload-fraction"),
        Setting.Switch(draft => draft.Training.Recompute = Recompute.Selective, "--recompute-activations"),
        Setting.Word((draft, granularity) => (draft.Training.Recompute = granularity switch { "full" => Recompute.Full, "selective" => Recompute.Selective, _ => null }) is not null, "--recompute-granularity"),
        Setting.Switch(draft => draft.Megatron.RecomputesExperts = true, "--moe-layer-recompute"),
        Setting.Words((draft, modules) => (draft.Training.RecomputeModules = [.. modules]).Count > 0, "--recompute-modules"),

        Setting.Word((draft, method) => (draft.Megatron.RecomputesBlock = method == "block") || method == "uniform", "--recompute-method"),
        Setting.Whole((draft, layers) => draft.Megatron.RecomputedLayers = Small(layers), "--recompute-num-layers"),
        Setting.Switch(draft => draft.Megatron.FusesLoss = true, "--cross-entropy-loss-fusion"),
        Setting.Word((draft, kernel) => (draft.Megatron.LosesInPlace = kernel == "te") || kernel == "native", "--cross-entropy-fusion-impl"),
        Setting.Word(Kernel, "--attention-backend"),
        Setting.Switch(draft => draft.Training.Attention = AttentionKernel.Flash, "--use-flash-attn"),
        Setting.Word((_, implementation) => implementation == "transformer_engine", "--transformer-impl"),
    ];

    private static readonly Setting[] OfDivision =
    [
        Setting.Whole((draft, size) => draft.Layout.Tensor = Small(size), "--tensor-model-parallel-size"),
        Setting.Whole((draft, size) => draft.Layout.Pipeline = Small(size), "--pipeline-model-parallel-size"),
        Setting.Whole((draft, size) => draft.Layout.Context = Small(size), "--context-parallel-size"),
        Setting.Whole((draft, size) => draft.Layout.Expert = Small(size), "--expert-model-parallel-size"),
        Setting.Whole((draft, size) => draft.Layout.ExpertTensor = Small(size), "--expert-tensor-parallel-size"),
        Setting.Switch(draft => draft.Layout.SequenceParallel = true, "--sequence-parallel"),
        Setting.Whole((draft, layers) => draft.Megatron.LayersPerVirtualStage = Small(layers), "--num-layers-per-virtual-pipeline-stage"),
        Setting.Whole((draft, stages) => draft.Layout.VirtualStages = Small(stages), "--num-virtual-stages-per-pipeline-rank"),
        Setting.Whole((draft, layers) => draft.Layout.FirstStageLayers = Small(layers), "--decoder-first-pipeline-num-layers"),
        Setting.Whole((draft, layers) => draft.Layout.LastStageLayers = Small(layers), "--decoder-last-pipeline-num-layers"),
        Setting.Switch(draft => draft.Megatron.EmbeddingIsLayer = true, "--account-for-embedding-in-pipeline-split"),
        Setting.Switch(draft => draft.Megatron.LossIsLayer = true, "--account-for-loss-in-pipeline-split"),
        Setting.Word((draft, layout) => (draft.Megatron.Stages = layout).Length > 0, "--pipeline-model-parallel-layout"),
        Setting.Words(Exchange, "--cp-comm-type"),
        Setting.Switch(draft => draft.Layout.Sharding ??= Sharding.Optimizer, "--use-distributed-optimizer"),
        Setting.Switch(draft => draft.Layout.Sharding = Sharding.Full, "--use-torch-fsdp2"),
        Setting.Switch(draft => draft.Megatron.HasOwnFsdp = true, "--use-megatron-fsdp", "--use-custom-fsdp"),
        Setting.Word(Strategy, "--data-parallel-sharding-strategy"),
        Setting.Word((_, instances) => instances == "1", "--num-distributed-optimizer-instances"),

        // Of a squared ReLU one tensor more is kept than of other functions without a gate.
        Setting.UnlessOn("--squared-relu", "--tp-comm-overlap", "--distribute-saved-activations", "--no-gradient-accumulation-fusion"),
    ];

    private static readonly Setting[] Silent =
    [
        Setting.WithoutEffect(
            FlagValues.None,
            "--use-mcore-models", "--overlap-grad-reduce", "--overlap-param-gather", "--no-masked-softmax-fusion", "--attention-softmax-in-fp32",
            "--no-check-for-nan-in-loss-and-grad", "--log-throughput", "--log-progress", "--log-params-norm", "--log-num-zeros-in-grad", "--log-timers-to-tensorboard", "--no-load-optim",
            "--no-load-rng", "--no-save-optim", "--no-save-rng", "--mock-data", "--no-create-attention-mask-in-dataloader", "--no-mmap-bin-files", "--manual-gc", "--moe-grouped-gemm",
            "--moe-permute-fusion", "--moe-shared-expert-overlap", "--moe-router-pre-softmax", "--apply-layernorm-1p", "--use-rope-scaling", "--calculate-per-token-loss",
            "--finetune", "--auto-detect-ckpt-format", "--async-save", "--accumulate-allreduce-grads-in-fp32", "--no-bias-swiglu-fusion", "--no-rope-fusion", "--profile",
            "--exit-on-missing-checkpoint", "--moe-router-fusion", "--moe-enable-deepep", "--moe-router-force-load-balancing", "--moe-router-enable-expert-bias", "--moe-per-layer-logging",
            "--ddp-average-in-collective", "--ddp-pad-buckets-for-high-nccl-busbw", "--no-overlap-p2p-communication", "--use-tp-pp-dp-mapping", "--use-pytorch-profiler", "--deterministic-mode",
            "--check-for-large-grads", "--log-memory-to-tensorboard", "--log-straggler", "--disable-straggler-on-startup", "--ckpt-fully-parallel-save", "--no-ckpt-fully-parallel-save",
            "--ckpt-fully-parallel-load", "--ckpt-assume-constant-structure", "--override-opt_param-scheduler", "--use-checkpoint-opt_param-scheduler", "--no-persist-layer-norm", "--te-rng-tracker",
            "--enable-experimental", "--rotary-interleaved", "--use-checkpoint-args", "--no-initialization"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--train-iters", "--train-samples", "--lr", "--min-lr", "--lr-decay-style", "--lr-decay-iters", "--lr-decay-samples", "--lr-warmup-iters", "--lr-warmup-samples", "--lr-warmup-fraction",
            "--weight-decay", "--start-weight-decay", "--end-weight-decay", "--adam-beta1", "--adam-beta2", "--adam-eps", "--sgd-momentum", "--clip-grad", "--init-method-std", "--attention-dropout",
            "--rotary-base", "--rotary-percent", "--norm-epsilon", "--layernorm-epsilon", "--rope-scaling-factor", "--rotary-scaling-factor", "--mscale", "--mscale-all-dim", "--data-cache-path",
            "--split", "--merge-file", "--tiktoken-pattern", "--num-workers", "--save", "--load", "--save-interval", "--ckpt-format", "--ckpt-step", "--log-interval",
            "--eval-interval", "--eval-iters", "--tensorboard-dir", "--tensorboard-queue-size", "--wandb-project", "--wandb-exp-name", "--wandb-save-dir", "--seed", "--distributed-backend",
            "--distributed-timeout-minutes", "--empty-unused-memory-level", "--manual-gc-interval", "--exit-duration-in-mins", "--exit-interval", "--profile-step-start", "--profile-step-end",
            "--fp8-amax-history-len", "--fp8-amax-compute-algo", "--fp8-recipe", "--fp8-margin", "--moe-aux-loss-coeff", "--moe-z-loss-coeff", "--mtp-loss-scaling-factor", "--moe-token-drop-policy", "--moe-deepep-num-sms", "--ddp-bucket-size", "--ddp-num-buckets", "--dist-ckpt-strictness", "--rerun-mode", "--rope-type",
            "--lr-wsd-decay-style", "--lr-wsd-decay-iters", "--lr-wsd-decay-samples", "--weight-decay-incr-style", "--moe-router-load-balancing-type",
            "--moe-router-score-function", "--moe-router-num-groups", "--moe-router-group-topk", "--moe-router-topk-scaling-factor", "--moe-router-dtype", "--moe-router-bias-update-rate",
            "--loss-scale", "--initial-loss-scale", "--min-loss-scale", "--loss-scale-window", "--hysteresis", "--dataloader-type", "--decoupled-lr", "--decoupled-min-lr"),
        Setting.WithoutEffect(FlagValues.Several, "--data-path", "--train-data-path", "--valid-data-path", "--rampup-batch-size", "--profile-ranks"),
    ];

    public static TrainingProgram Program { get; } =
        new("Megatron-LM", Trainer.Megatron, new SettingTable([.. OfModel, .. OfExperts, .. OfStep, .. OfDivision, .. Silent]), MegatronModel.Complete);

    private static ArchitectureSpec Model(TrainingDraft draft) => MegatronModel.Of(draft);

    private static ExpertSpec Experts(TrainingDraft draft) => Model(draft).Experts ??= new ExpertSpec();

    private static int Small(long number) => (int)Math.Min(number, int.MaxValue);

    private static bool Norm(TrainingDraft draft, string name)
    {
        Model(draft).Normalization = name switch { "RMSNorm" => Normalization.RMSNorm, "LayerNorm" => Normalization.LayerNorm, _ => null };
        return Model(draft).Normalization is not null;
    }

    private static bool Positions(TrainingDraft draft, string type)
    {
        draft.Megatron.LearnsPositions = type == "learned_absolute";
        return type is "learned_absolute" or "rope" or "yarn" or "none";
    }

    /// <summary>GPT-2's vocabulary is known; the null tokenizer adds a word for the end of a document.</summary>
    private static bool Tokenizer(TrainingDraft draft, string type)
    {
        if (type == "GPT2BPETokenizer")
            Model(draft).VocabularySize ??= MegatronModel.Gpt2Vocabulary;
        draft.Megatron.AddsWord = type == "NullTokenizer";
        return true;
    }

    /// <summary>1 is every layer; a list may begin with dense layers, as ([0]*3+[1]*58).</summary>
    private static bool Frequency(TrainingDraft draft, string text)
    {
        if (text == "1")
            return true;
        var isLeading = text.Trim('(', ')').Split('+') is [var first, var rest] && first.StartsWith("[0]*", StringComparison.Ordinal) && rest.StartsWith("[1]*", StringComparison.Ordinal)
            && ProcessCounts.IsCount(first[4..], out var dense) && (Experts(draft).DenseLayers = dense) > 0;
        return isLeading;
    }

    private static bool Dispatcher(TrainingDraft draft, string type)
    {
        draft.Layout.ExpertDispatch = type switch { "alltoall" or "flex" => ExpertDispatch.AllToAll, "allgather" => ExpertDispatch.AllGather, _ => null };
        return draft.Layout.ExpertDispatch is not null;
    }

    private static bool Capacity(TrainingDraft draft, string text)
    {
        var isFactor = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor) && factor is > 0 and <= 100;
        if (isFactor)
            draft.Layout.ExpertCapacityPercent = Math.Max(1, (int)(factor * 100));
        return isFactor;
    }

    private static bool Typed(string type, Action<DataType> set)
    {
        DataType? read = type switch { "fp32" => DataType.FP32, "bf16" => DataType.BF16, "fp16" => DataType.FP16, "fp8" => DataType.FP8, _ => null };
        if (read is { } known)
            set(known);
        return read is not null;
    }

    private static bool Optimizer(TrainingDraft draft, string name)
    {
        draft.Training.Optimizer = name switch
        {
            "adam" => Estimation.Jobs.Optimizer.AdamW,
            "sgd" => Estimation.Jobs.Optimizer.SGDMomentum,
            "muon" or "dist_muon" => Estimation.Jobs.Optimizer.Muon,
            "lion" => Estimation.Jobs.Optimizer.Lion,
            _ => null,
        };
        return draft.Training.Optimizer is not null;
    }

    private static bool Kernel(TrainingDraft draft, string backend)
    {
        draft.Training.Attention = backend is "unfused" or "local" ? AttentionKernel.Eager : null;
        return backend is "auto" or "flash" or "fused" or "unfused" or "local";
    }

    private static bool Exchange(TrainingDraft draft, IReadOnlyList<string> types)
    {
        draft.Layout.ContextExchange = types is [var only]
            ? only switch { "p2p" => ContextExchange.Ring, "a2a" => ContextExchange.Ulysses, "all_gather" or "allgather" => ContextExchange.AllGather, _ => null }
            : null;
        return draft.Layout.ContextExchange is not null;
    }

    private static bool Strategy(TrainingDraft draft, string strategy)
    {
        Sharding? sharding = strategy switch
        {
            "no_shard" => Sharding.None,
            "optim" => Sharding.Optimizer,
            "optim_grads" => Sharding.Gradients,
            "optim_grads_params" => Sharding.Full,
            _ => null,
        };
        draft.Megatron.Strategy = sharding;
        return sharding is not null;
    }
}
