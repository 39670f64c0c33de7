namespace GpuMem.Estimation.Programs;

/// <summary>What is known of one program that trains: its defaults, its releases, what its code keeps, and what it cannot do.</summary>
internal sealed record TrainerProgram
{
    public required Trainer Trainer { get; init; }

    /// <summary>What it does when its user says nothing.</summary>
    public required ProgramDefaults Defaults { get; init; }

    /// <summary>What the code of its newest release keeps.</summary>
    public required CodePath Code { get; init; }

    /// <summary>The same for a model that is not one of transformers or PEFT, where that makes a difference.</summary>
    public CodePath? OwnModelCode { get; init; }

    /// <summary>Releases whose code was read or whose runs were measured, the oldest first; none when they are not told apart.</summary>
    public ProgramRelease[] Releases { get; init; } = [];

    /// <summary>All that is known of the program comes from one publisher, whose runs may not even say how much memory they took.</summary>
    public bool IsExperimental { get; init; }

    /// <summary>It is the framework that it runs on, and nothing else runs on that.</summary>
    public bool IsFramework { get; init; }

    /// <summary>It trains no adapters.</summary>
    public bool WholeModelsOnly { get; init; }

    /// <summary>It has no loss for preferences or reinforcement.</summary>
    public bool SupervisedOnly { get; init; }

    /// <summary>Losses that it does not have, though it has others for preferences or reinforcement.</summary>
    public TrainingObjective[] Lacks { get; init; } = [];

    /// <summary>It has no loss for an objective.</summary>
    public bool IsWithout(TrainingObjective objective) => objective != TrainingObjective.SFT && (SupervisedOnly || Array.IndexOf(Lacks, objective) >= 0);

    /// <summary>The table of programs; null when none is named.</summary>
    public static TrainerProgram? Find(Trainer? trainer) => trainer switch
    {
        Trainer.Torchtitan => Torchtitan.Program,
        Trainer.Torchtune => Torchtune.Program,
        Trainer.LitGPT => LitGPT.Program,
        Trainer.Composer => Composer.Program,
        Trainer.Megatron => Megatron.Program,
        Trainer.MegatronBridge => MegatronBridge.Program,
        Trainer.Nanotron => Nanotron.Program,
        Trainer.HuggingFace => HuggingFace.Program,
        Trainer.PlainLoop => PlainLoop.Program,
        Trainer.MsSwift => MsSwift.Program,
        Trainer.RemoteCode => RemoteCode.Program,
        Trainer.Unsloth => Unsloth.Program,
        Trainer.TRL => Trl.Program,
        Trainer.Axolotl => Axolotl.Program,
        Trainer.LLaMAFactory => LlamaFactory.Program,
        Trainer.Verl => Verl.Program,
        Trainer.OpenRLHF => OpenRlhf.Program,
        Trainer.NeMoRL => NemoRl.Program,
        _ => null,
    };

    /// <summary>The program that usually runs on a framework.</summary>
    public static TrainerProgram Usual(TrainingFramework framework) => framework switch
    {
        TrainingFramework.PyTorchFSDP => Torchtitan.Program,
        TrainingFramework.Megatron => Megatron.Program,
        TrainingFramework.Nanotron => Nanotron.Program,
        TrainingFramework.DDP => PlainLoop.Program,
        _ => HuggingFace.Program,
    };

    /// <summary>What the code keeps that a job runs: of the program that it names, else of the framework's usual one.</summary>
    public static CodePath CodeOf(TrainingSpec training)
    {
        var program = Find(training.Trainer) ?? Usual(training.Framework);

        // Whoever drives Megatron Core, its modules are what run.
        if (training.Framework == TrainingFramework.Megatron && program.Code.IsTransformers)
            return Megatron.Program.Code;

        // A loop on one GPU or with adapters is one around a transformers or PEFT model, which computes the loss itself.
        return program.OwnModelCode is { } own && training is { Framework: not TrainingFramework.HuggingFace, Method: TrainingMethod.Full }
            ? own
            : program.Release(training.TrainerVersion)?.Code ?? program.Code;
    }

    /// <summary>The last known release that is not after <paramref name="version"/>, else the first; null when nothing is said or known.</summary>
    public ProgramRelease? Release(string? version)
    {
        if (version is null || Releases.Length == 0)
            return null;
        var last = Releases.Length - 1;
        while (last > 0 && TrainerVersions.Compare(Releases[last].Number, version) > 0)
            last--;
        return Releases[last];
    }
}

/// <summary>A release of a program.</summary>
/// <param name="Number">Its first numbers: 5 stands for 5.8.1.</param>
/// <param name="Code">What its code keeps, where that is not what the newest release's does.</param>
/// <param name="Defaults">What it does when its user says nothing, where that is not what the program does whose release is not said.</param>
internal sealed record ProgramRelease(string Number, CodePath? Code = null, ProgramDefaults? Defaults = null);
