namespace GpuMem.Estimation.Jobs;

/// <summary>When the value model of PPO is trained.</summary>
public enum ValueTraining
{
    /// <summary>In the policy's own forward and backward pass, by one optimizer for both (TRL).</summary>
    Together,

    /// <summary>In steps of its own, between the policy's, on the same GPUs (verl, OpenRLHF with --colocate_all_models).</summary>
    InTurn,

    /// <summary>On other GPUs: nothing comes on top of the policy.</summary>
    Separate,

    /// <summary>It is a head on the policy's own layers (LLaMA-Factory, TRL before 0.12).</summary>
    Shared,
}
