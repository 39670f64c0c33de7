using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>Optimizers as transformers (training_args.py, OptimizerNames) and Axolotl (utils/schemas/enums.py, CustomSupportedOptimizers) name them.</summary>
internal static class OptimizerNames
{
    /// <returns>False for one whose states are not known here.</returns>
    public static bool Set(TrainingDraft draft, string name)
    {
        var (optimizer, implementation) = Of(name.StartsWith("OptimizerNames.", StringComparison.Ordinal) ? name["OptimizerNames.".Length..].ToLowerInvariant() : name);
        if (optimizer is null)
            return false;
        draft.Training.Optimizer = optimizer;
        if (implementation is not null)
            (draft.Training.OptimizerOptions ??= new TrainingJobs.OptimizerSettings()).Implementation = implementation;
        return true;
    }

    private static (Optimizer? Optimizer, OptimizerImplementation? Implementation) Of(string name) => name switch
    {
        "adamw_torch" => (Optimizer.AdamW, OptimizerImplementation.Foreach),
        "adamw_torch_fused" or "adamw_apex_fused" => (Optimizer.AdamW, OptimizerImplementation.Fused),
        "adamw_hf" => (Optimizer.AdamW, OptimizerImplementation.ForLoop),
        "adamw_bnb_8bit" or "adamw_8bit" or "adamw_torch_8bit" or "ao_adamw_8bit" => (Optimizer.AdamW8bit, null),
        "adamw_torch_4bit" or "ao_adamw_4bit" => (Optimizer.AdamW4bit, null),
        "paged_adamw" or "paged_adamw_32bit" => (Optimizer.PagedAdamW, null),
        "paged_adamw_8bit" => (Optimizer.PagedAdamW8bit, null),
        "adafactor" => (Optimizer.Adafactor, null),
        "ademamix" => (Optimizer.AdEMAMix, null),
        "sgd" => (Optimizer.SGD, null),
        "lion_32bit" => (Optimizer.Lion, null),
        "lion_8bit" => (Optimizer.Lion8bit, null),
        "galore_adamw" => (Optimizer.GaLore, null),
        "lomo" => (Optimizer.LOMO, null),
        "adalomo" => (Optimizer.AdaLomo, null),
        "muon" => (Optimizer.Muon, null),
        "came_pytorch" => (Optimizer.CAME, null),
        _ => (null, null),
    };
}
