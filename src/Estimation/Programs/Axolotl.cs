namespace GpuMem.Estimation.Programs;

/// <summary>axolotl-ai-cloud/axolotl over the Trainer of transformers and the trainers of TRL.</summary>
internal static class Axolotl
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.Axolotl,
        Lacks = [TrainingObjective.PPO, TrainingObjective.RLOO], // axolotl/utils/schemas/enums.py, RLType

        // axolotl/utils/config: bf16 by default, in which the model is loaded; schemas/training.py: adamw_torch_fused; gradient_checkpointing is off;
        // utils/__init__.py, set_pytorch_cuda_alloc_conf: expandable_segments:True unless the environment says otherwise; monkeypatch/accelerate/fsdp2.py stands
        // for accelerate's fsdp2_prepare_model, and makes nothing fp32.
        Defaults = new() { Framework = TrainingFramework.HuggingFace, Precision = Precision.BF16, DividesAsLoaded = true, OptimizerImplementation = OptimizerImplementation.Fused, ExpandableSegments = true },

        // loaders/model.py: prepare_model_for_kbit_training, whose fp32 embeddings and norms become bf16 again for every adapter.
        Code = HuggingFace.Release5 with { LeavesUnquantised = true },
    };
}
