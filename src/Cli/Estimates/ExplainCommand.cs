using System.CommandLine;
using GpuMem.Planning.Words;

namespace GpuMem.Cli.Estimates;

/// <summary><c>gpumem explain</c>: where every byte of an estimate comes from.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var flags = new JobFlags();
        var gpu = EstimateCommand.GpuOption();
        var command = new Command("explain", "Explain an estimate: each term with its formula, numbers, source and uncertainty.") { gpu };
        flags.AddTo(command);
        command.SetAction(result =>
        {
            var answer = EstimateCommand.Answer(flags, result, gpu);
            EstimateChart.Write(answer, wide: true, Console.Out);
            var largest = answer.Estimate.Terms.MaxBy(term => term.Expected)!;
            Console.Out.WriteLine($"The largest part is {TermNames.Of(largest.Kind)}, {largest.Expected} of {answer.Estimate.Expected}: {largest.Formula} = {largest.Numbers}.");
            return ExitStatus.Fits;
        });
        return command;
    }
}
