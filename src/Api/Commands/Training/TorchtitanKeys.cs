using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The sections of a torchtitan job, by flags and in its file (torchtitan/config/job_config.py, until it took Python for TOML).</summary>
internal static class TorchtitanKeys
{
    // training.local_batch_size and seq_len.
    private const int UsualBatch = 8, UsualLength = 2048;

    // Since Python took the place of TOML a job is a function of a module (torchtitan/config/manager.py).
    private const string Module = "--module", Configuration = "--config";

    private const string Name = "--model.name", Flavor = "--model.flavor", MicroBatch = "--parallelism.pipeline_parallel_microbatch_size", Shards = "--parallelism.data_parallel_shard_degree";

    // torchtitan/models: whose checkpoints the flavors of a model are.
    private static readonly (string Name, string[] Flavors, string Model)[] Models =
    [
        ("llama3", ["8B", "70B", "405B"], "meta-llama/Llama-3.1-{0}"),
        ("qwen3", ["0.6B", "1.7B", "4B", "8B", "14B", "32B", "30B-A3B", "235B-A22B"], "Qwen/Qwen3-{0}"),
        ("gpt_oss", ["20b", "120b"], "openai/gpt-oss-{0}"),
        ("deepseek_v3", ["671B"], "deepseek-ai/DeepSeek-V3"),
    ];

    private static readonly Setting[] OfTraining =
    [
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--training.local_batch_size", "--training.batch_size"),
        Setting.Word((draft, size) => size == "-1" || ((draft.Training.GlobalBatchSize = ProcessCounts.IsCount(size, out var sequences) ? sequences : null) is not null), "--training.global_batch_size"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--training.seq_len"),
        Setting.YesOrNo((draft, on) => draft.Training.FusedKernels = on, "--training.compile", "--compile.enable"),
        Setting.Words((_, parts) => parts.Contains("model") && parts.Contains("loss"), "--compile.components"),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, "--training.enable_cpu_offload"),
        Setting.Word((draft, type) => type == "bfloat16" || (type == "float32" && (draft.Training.Precision = Precision.FP32) is not null), "--training.mixed_precision_param"),
        Setting.Word((_, type) => type == "float32", "--training.mixed_precision_reduce"),
        Setting.Word((draft, type) => type == "float32" || (type == "bfloat16" && (draft.Training.Precision = Precision.BF16) is not null), "--training.dtype"),
        Setting.Word(Checkpointing, "--activation_checkpoint.mode"),
        Setting.Word((_, option) => option == "op", "--activation_checkpoint.selective_ac_option"),
        Setting.Word((_, name) => name is "AdamW" or "Adam", "--optimizer.name"),
        Setting.Word((draft, way) => (Options(draft).Implementation = Implementation(way)) is not null, "--optimizer.implementation"),
        Setting.YesOrNo((draft, on) => Options(draft).InBackward = on, "--optimizer.early_step_in_backward"),
        Setting.Words(Converters, "--model.converters"),
        Setting.UnlessOn("--fault_tolerance.enable"),
    ];

    private static readonly Setting[] OfParallelism =
    [
        Setting.Whole((draft, size) => draft.Layout.Tensor = Degree(size), "--parallelism.tensor_parallel_degree"),
        Setting.Whole((draft, size) => draft.Layout.Pipeline = Degree(size), "--parallelism.pipeline_parallel_degree"),
        Setting.Whole((draft, size) => draft.Layout.Context = Degree(size), "--parallelism.context_parallel_degree"),
        Setting.Whole((draft, size) => draft.Layout.Expert = Degree(size), "--parallelism.expert_parallel_degree"),
        Setting.Whole((draft, size) => draft.Processes.Replicas = Degree(size), "--parallelism.data_parallel_replicate_degree"),
        Setting.Together(Shards),
        Setting.Together(MicroBatch),
        Setting.Word(Schedule, "--parallelism.pipeline_parallel_schedule"),
        Setting.Word((draft, policy) => policy == "default" || (policy == "always" && (FsdpKeys.Of(draft).ReshardsAfterForward = true) == true), "--parallelism.fsdp_reshard_after_forward"),
        Setting.Word((draft, method) => method == "allgather" && (draft.Layout.ContextExchange = ContextExchange.AllGather) is not null, "--parallelism.context_parallel_rotate_method"),
        Setting.Word((_, size) => size == "1", "--parallelism.expert_tensor_parallel_degree"),
        Setting.UnlessOn("--parallelism.disable_loss_parallel", "--parallelism.enable_compiled_autograd"),
        Setting.WithoutEffect(FlagValues.AtMostOne, "--parallelism.enable_async_tensor_parallel"),
    ];

    /// <summary>The program: torchtitan, by its flags.</summary>
    public static TrainingProgram Program { get; } = new("torchtitan", Trainer.Torchtitan, new SettingTable(
    [
        Setting.Together(Name),
        Setting.Together(Flavor),
        Setting.Together(Module),
        Setting.Together(Configuration),
        .. OfTraining,
        .. OfParallelism,
        Setting.WithoutEffect(
            FlagValues.AtMostOne,
            "--job.*", "--profiling.*", "--metrics.*", "--lr_scheduler.*", "--checkpoint.*", "--comm.*", "--validation.*", "--memory_estimation.*", "--fault_tolerance.*", "--float8.*", "--debug.*"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--training.dataset", "--training.dataset_path", "--training.max_norm", "--training.steps", "--training.gc_freq", "--training.gc_debug", "--training.seed", "--training.deterministic",
            "--model.tokenizer_path", "--model.hf_assets_path", "--model.print_after_conversion", "--optimizer.lr", "--optimizer.beta1", "--optimizer.beta2", "--optimizer.eps", "--optimizer.weight_decay",
            "--activation_checkpoint.per_op_sac_force_recompute_mm_shapes_by_fqns"),
    ]), Complete) { FileFlag = "--job.config_file" };

    /// <summary>What nothing else is told.</summary>
    public static bool IsToldSo(IEnumerable<string> flags) => flags.Any(flag => Argument.NameOf(flag) == "--job.config-file");

    private static void Complete(TrainingDraft draft)
    {
        if (draft.Together.GetValueOrDefault(Configuration) is { } configuration)
            LeaveOut(draft, draft.Together.GetValueOrDefault(Module, ""), configuration);
        TransformersTrainer.CompleteBatch(draft, UsualBatch, "training.local_batch_size");
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"training.seq_len is not given, and is {UsualLength} then.");
        }
        draft.Training.FusedKernels ??= false;
        Options(draft).Implementation ??= OptimizerImplementation.Fused;
        if (draft.Mixed == MixedPrecision.FP8)
            draft.Training.Precision ??= Precision.FP8;
        CompleteModel(draft);
        CompleteDivision(draft);
    }

    /// <summary>Of a configuration in Python only the name says anything: it is made of the model's and the flavor's.</summary>
    private static void LeaveOut(TrainingDraft draft, string module, string name)
    {
        var flavor = Models.Where(model => model.Name == module).SelectMany(model => model.Flavors).FirstOrDefault(flavor => name.Equals($"{module}_{flavor.Replace('.', '_').Replace('-', '_')}", StringComparison.OrdinalIgnoreCase));
        if (flavor is not null)
            (draft.Together[Name], draft.Together[Flavor]) = (module, flavor);
        var model = flavor is null ? "its model and sizes" : "its batch, length and division";
        draft.Reading.NotUnderstood.Add($"{Module} {module} {Configuration} {name}, a configuration in Python, of which {model} are not read: flags such as --training.seq_len and --parallelism.tensor_parallel_degree say them over");
    }

    private static void CompleteModel(TrainingDraft draft)
    {
        if (draft.Together.ContainsKey(Configuration) && !draft.Together.ContainsKey(Flavor))
            return;
        var (name, flavor) = (draft.Together.GetValueOrDefault(Name, "llama3"), draft.Together.GetValueOrDefault(Flavor, "debugmodel"));
        var (_, _, model) = Array.Find(Models, model => model.Name == name && model.Flavors.Contains(flavor));
        if (model is null || !draft.SetModel(string.Format(System.Globalization.CultureInfo.InvariantCulture, model, flavor)))
            draft.Reading.NotUnderstood.Add($"model.name {name} of model.flavor {flavor}, whose checkpoint is not known");
    }

    private static void CompleteDivision(TrainingDraft draft)
    {
        // A looped schedule has two chunks a rank unless told otherwise (torchtitan/distributed/pipeline_parallel.py); without stages it is none.
        if (draft.Layout.Schedule == PipelineSchedule.Interleaved)
            (draft.Layout.Schedule, draft.Layout.VirtualStages) = draft.Layout.Pipeline?.Value > 1 ? (PipelineSchedule.Interleaved, 2) : ((PipelineSchedule?)null, (int?)null);

        // Stages pass on pieces of a batch, of one sequence unless told otherwise.
        if (draft.Layout.Pipeline?.Value > 1)
        {
            if (Whole(draft, MicroBatch, 1) is > 0 and var piece && draft.Training.MicroBatchSize is { Value: var batch } && batch % piece == 0)
                (draft.Accumulation, draft.Training.MicroBatchSize) = (batch / piece, piece);
            else
                draft.Reading.NotUnderstood.Add($"{MicroBatch[2..]}, which does not divide the batch");
        }

        // Copies without shards are DDP; -1 leaves it to the number of processes.
        var shards = Whole(draft, Shards, -1);
        if (shards == 1 && draft.Processes.Replicas > 1)
            draft.Training.Framework = TrainingFramework.DDP;
        else if (shards > 1)
            draft.Layout.ShardGroup = Degree(shards);
        if (draft.Fsdp is { } choice)
            choice.Version = 2;
    }

    private static long Whole(TrainingDraft draft, string key, long usual)
    {
        if (!draft.Together.TryGetValue(key, out var text) || text == "-1")
            return usual;
        if (Setting.Number(text) is { } number)
            return number;
        draft.Reading.NotUnderstood.Add($"{key[2..]}: {text}");
        return usual;
    }

    private static bool Checkpointing(TrainingDraft draft, string mode)
    {
        Recompute? read = mode switch { "full" => Recompute.Full, "selective" => Recompute.Selective, "none" => Recompute.None, _ => null };
        if (read is { } recompute)
            draft.Training.Recompute = recompute;
        return read is not null;
    }

    /// <summary>Names of torch.distributed.pipelining; those that put off gradients of weights keep more, and are not counted.</summary>
    private static bool Schedule(TrainingDraft draft, string name)
    {
        draft.Layout.Schedule = name.ToUpperInvariant() switch
        {
            "1F1B" => PipelineSchedule.OneForwardOneBackward,
            "INTERLEAVED1F1B" => PipelineSchedule.Interleaved,
            "GPIPE" => PipelineSchedule.GPipe,
            _ => null,
        };
        return draft.Layout.Schedule is not null;
    }

    private static OptimizerImplementation? Implementation(string way) => way switch
    {
        "fused" => OptimizerImplementation.Fused,
        "foreach" => OptimizerImplementation.Foreach,
        "for-loop" => OptimizerImplementation.ForLoop,
        _ => null,
    };

    private static bool Converters(TrainingDraft draft, IReadOnlyList<string> names)
    {
        if (names.Any(name => name is "float8" or "quantize.linear.float8"))
            draft.Mixed = MixedPrecision.FP8;
        return names.All(name => name is "float8" or "quantize.linear.float8");
    }

    private static OptimizerSettings Options(TrainingDraft draft) => draft.Training.OptimizerOptions ??= new OptimizerSettings();

    private static int Degree(long size) => (int)Math.Clamp(size, 1, int.MaxValue);
}
