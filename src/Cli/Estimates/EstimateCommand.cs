using System.CommandLine;
using GpuMem.Cli.Inference;
using GpuMem.Planning;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Estimates;

/// <summary><c>gpumem estimate</c>: the memory of one GPU, term by term, with no cluster.</summary>
internal static class EstimateCommand
{
    public static Command Create()
    {
        var question = new EstimateQuestion();
        var format = OutputFormat.Option();
        var command = new Command("estimate", "Estimate the GPU memory of a training job, term by term.") { format };
        question.AddTo(command);
        command.SetAction(result =>
        {
            var manifests = question.File(result);
            if (question.Served(result, manifests) is { } served)
                return InferenceCommand.Write(served, result.GetValue(format)!);
            var answer = question.Answer(result, manifests);
            if (result.GetValue(format) is "json" or "yaml")
                OutputFormat.Write(EstimateJson.Of(answer), result.GetValue(format)!, Console.Out);
            else
                EstimateChart.Write(answer, wide: result.GetValue(format) == "wide", Console.Out);
            return ExitStatus.Of(answer);
        });
        return command;
    }
}
