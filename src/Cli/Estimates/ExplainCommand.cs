using System.CommandLine;
using System.Globalization;
using GpuMem.Cli.Inference;
using GpuMem.Cli.Commands;
using GpuMem.Estimation;
using GpuMem.Planning.Words;

namespace GpuMem.Cli.Estimates;

/// <summary><c>gpumem explain</c>: why the memory is what it is, each term with its formula, the numbers in it, its source and how sure it is.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var question = new EstimateQuestion();
        var format = new Option<string>("--output", "-o") { Description = "text, or yaml: of a pod that trains, the TrainingJob that its command amounts to", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "yaml");
        var command = new Command("explain", "Explain every byte of an estimate: formulas, numbers, sources, uncertainty; of a pod or what makes pods, what its command serves or trains.") { format };
        question.AddTo(command);
        command.SetAction(result =>
        {
            var manifests = question.File(result, workloads: true);
            if (manifests is { Jobs: [], Served: [], PodSpecs: [_, ..] })
                PodCommands.Write(result, question, manifests, result.GetValue(format)!);
            else if (result.GetValue(format) is "yaml")
                throw new UserErrorException("-o yaml is for the command of a pod; what is asked about here is already a job or a server");
            else if (question.Served(result, manifests) is { } served)
                Write(served);
            else
                Write(question.Answer(result, manifests), Console.Out);
            return ExitStatus.Fits;
        });
        return command;
    }

    public static void Write(EstimateAnswer answer, TextWriter output)
    {
        var estimate = answer.Estimate;
        output.WriteLine(PlainWords.LargestTerm(answer.Job, estimate));
        WriteTerms(estimate, output);
        foreach (var assumption in estimate.Assumptions)
            output.WriteLine($"Assumed: {assumption}");
    }

    /// <summary>The same of a server, and what it can hold.</summary>
    public static void Write(InferenceAnswer answer)
    {
        InferenceReport.WriteHeading(answer);
        WriteTerms(answer.Estimate, Console.Out);
        InferenceReport.WriteConclusion(answer);
    }

    private static void WriteTerms(Estimate estimate, TextWriter output)
    {
        foreach (var term in estimate.Terms.OrderByDescending(term => term.Expected.Value))
            Write(term, output);
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Sum {estimate.Expected.GiB:0.00} GiB expected, {estimate.UpperBound.GiB:0.00} at most, {estimate.LowerBound.GiB:0.00} certain. Confidence: {estimate.Confidence}."));
    }

    private static void Write(Term term, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TermNames.Of(term.Kind)}: {term.Expected.GiB:0.00} GiB, {Uncertainty(term)}"));
        output.WriteLine($"  {term.Formula}");
        output.WriteLine($"  = {term.Numbers}");
        output.WriteLine($"  {term.Source}");
    }

    private static string Uncertainty(Term term)
    {
        if (term.UpperBound == term.Expected)
            return "exact";
        return term.Expected.Value == 0
            ? string.Create(CultureInfo.InvariantCulture, $"at most {term.UpperBound.GiB:0.00} GiB")
            : string.Create(CultureInfo.InvariantCulture, $"at most {100.0 * ((double)term.UpperBound.Value / term.Expected.Value - 1):0} % more");
    }
}
