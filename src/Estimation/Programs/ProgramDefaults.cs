using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Programs;

/// <summary>What a program does when its user says nothing, where that is not what every program does.</summary>
public sealed record ProgramDefaults
{
    private static readonly ProgramDefaults Nothing = new();

    /// <summary>The framework that the program runs on.</summary>
    public TrainingFramework? Framework { get; init; }

    public Precision? Precision { get; init; }

    public Recompute? Recompute { get; init; }

    public LossKernel? Loss { get; init; }

    public OptimizerImplementation? OptimizerImplementation { get; init; }

    /// <summary>Checkpointed activations wait for backward on the host.</summary>
    public bool OffloadActivations { get; init; }

    /// <param name="trainer">The program; null when it is not said, which leaves every default to the framework.</param>
    /// <param name="version">Its release; null when it is not said.</param>
    /// <param name="method">What is trained.</param>
    /// <param name="isOneGpu">The job is known to have a single GPU.</param>
    public static ProgramDefaults Of(Trainer? trainer, string? version, TrainingMethod method, bool isOneGpu) => trainer switch
    {
        // A single GPU has nobody to share with, and the model is not wrapped: torchtitan/distributed/parallel_dims.py (fsdp_enabled) with autocast
        // instead, torchtune's *_single_device recipes, litgpt/finetune ("auto" for one device).
        Trainer.Torchtitan when isOneGpu => new() { Framework = TrainingFramework.DDP, Recompute = Jobs.Recompute.Selective },
        Trainer.Torchtune or Trainer.LitGPT when isOneGpu => new() { Framework = TrainingFramework.DDP },

        // transformers 5 loads a checkpoint in its own type, which is bf16 today, and steps with adamw_torch_fused (training_args.py). Adapters
        // are fp32 over it as before (peft tuners_utils.py, autocast_adapter_dtype).
        Trainer.HuggingFace when TrainerVersions.Major(version) >= 5 => new()
        {
            Framework = TrainingFramework.HuggingFace,
            Precision = method == TrainingMethod.Full ? Jobs.Precision.BF16 : null,
            OptimizerImplementation = Jobs.OptimizerImplementation.Fused,
        },
        Trainer.HuggingFace or Trainer.MsSwift or Trainer.RemoteCode => new() { Framework = TrainingFramework.HuggingFace },

        // unsloth/models/loader.py: use_gradient_checkpointing = "unsloth" keeps checkpoints on the host; unsloth_zoo/fused_losses/cross_entropy_loss.py.
        Trainer.Unsloth => new()
        {
            Framework = TrainingFramework.HuggingFace,
            Recompute = Jobs.Recompute.Full,
            OffloadActivations = true,
            Loss = LossKernel.Fused,
        },

        // torchtitan/config: activation_checkpoint.mode is "selective".
        Trainer.Torchtitan => new() { Framework = TrainingFramework.PyTorchFSDP, Recompute = Jobs.Recompute.Selective },
        Trainer.Torchtune or Trainer.LitGPT or Trainer.Composer => new() { Framework = TrainingFramework.PyTorchFSDP },
        Trainer.Megatron or Trainer.MegatronBridge => new() { Framework = TrainingFramework.Megatron },
        Trainer.Nanotron => new() { Framework = TrainingFramework.Nanotron },
        Trainer.PlainLoop => new() { Framework = TrainingFramework.DDP },
        _ => Nothing,
    };
}
