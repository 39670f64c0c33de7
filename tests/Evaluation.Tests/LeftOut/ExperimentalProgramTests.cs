using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Programs;
using GpuMem.Evaluation.LeftOut;

namespace GpuMem.Evaluation.Tests.LeftOut;

/// <summary>A program is called experimental in an estimate exactly where the measured runs say so.</summary>
public sealed class ExperimentalProgramTests
{
    private static readonly LeaveOneSourceOut Runs = new(MeasuredCases.Fitted.Select(item => new ScoredCase(CaseScorer.Score(item))));

    public static TheoryData<Trainer> Trainers => [.. Enum.GetValues<Trainer>()];

    [Theory]
    [MemberData(nameof(Trainers))]
    public void A_program_is_experimental_until_several_publishers_measured_it(Trainer trainer)
    {
        var established = Runs.Programs.Any(program => program.Name == MeasuredAs(trainer) && !LeaveOneSourceOut.IsExperimental(program));
        var framework = ProgramDefaults.Of(trainer, version: null, isOneGpu: false).Framework!.Value;
        var training = new TrainingSpec { Trainer = trainer, Framework = framework, SequenceLength = 2048 };
        var estimate = MemoryEstimator.Estimate(new JobSpec { Model = ModelCatalogue.All[0], Training = training });

        Assert.Equal(!established, estimate.Assumptions.Any(assumption => assumption.Contains("one publisher's runs alone", StringComparison.Ordinal)));
    }

    /// <summary>Cases do not tell Megatron Core's two programs apart, and a loop around a model of transformers, or a program around its Trainer, runs the code that the Trainer runs.</summary>
    private static string MeasuredAs(Trainer trainer) => trainer switch
    {
        Trainer.MegatronBridge => "Megatron",
        Trainer.HuggingFace or Trainer.PlainLoop or Trainer.TRL or Trainer.Axolotl or Trainer.LLaMAFactory => "RawLoop",
        Trainer.LitGPT => "LitGpt",
        Trainer.RemoteCode => "QwenRemoteCode",
        _ => trainer.ToString(),
    };
}
