using System.CommandLine;
using System.Globalization;
using GpuMem.Cli.Cluster;
using GpuMem.Cli.Commands;
using GpuMem.Cli.Inference;
using GpuMem.Cli.Live;
using GpuMem.Estimation;
using GpuMem.Page.Answers;
using GpuMem.Planning.Words;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Cli.Estimates;

/// <summary><c>gpumem explain</c>: why the memory is what it is, each term with its formula, the numbers in it, its source and how sure it is.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var question = new EstimateQuestion();
        var format = OutputFormat.Option("text, wide, json or yaml; of a pod that trains, yaml is the TrainingJob that its command amounts to");
        var watch = Watching.Option();
        var asked = new Argument<string?>("object") { Description = "TYPE/NAME of a cluster: trainingjob/x, modelserver/y, pod/z, job/z, deployment/z …", Arity = ArgumentArity.ZeroOrOne };
        var cluster = new ClusterOptions();
        var ns = new Option<string?>("--namespace", "-n") { Description = "namespace of that object (default: that of the context)" };
        var (prometheus, over) = (ObservedMemory.Prometheus(), ObservedMemory.Lookback());
        var command = new Command("explain", "Explain every byte of an estimate: formulas, numbers, sources, uncertainty; of a pod or what makes pods, what its command serves or trains; of an object of a cluster, what is said of it and why.") { asked, watch, format };
        question.AddTo(command);
        command.Add(ns);
        command.Add(prometheus);
        command.Add(over);
        command.Add(cluster.Kubeconfig);
        command.Add(cluster.Context);
        command.SetAction(async (result, cancellationToken) =>
        {
            if (result.GetValue(asked) is { } name)
            {
                if (question.FirstGiven(result) is { } flag)
                    throw new UserErrorException($"{name} is explained as it is in the cluster, on its own pools: leave out {flag}, or ask without {name}");
                var configuration = cluster.Configuration(result);
                using var client = ClusterOptions.Client(configuration, NullLoggerFactory.Instance);
                return await Watching.RunAsync(
                    result.GetValue(watch),
                    result.GetValue(format)!,
                    async () =>
                    {
                        var seen = result.GetValue(prometheus) is { } url ? await ObservedMemory.ReadAsync(url, result.GetValue(over)!, cancellationToken) : null;
                        return Write(await new LiveExplanation(client, result.GetValue(ns) ?? configuration.Namespace ?? "default", seen).ReadAsync(name, cancellationToken), result.GetValue(format)!);
                    },
                    cancellationToken);
            }
            if (result.GetValue(watch))
                throw new UserErrorException("only a cluster changes by itself: --watch is for TYPE/NAME");
            if (result.GetValue(prometheus) is not null)
                throw new UserErrorException("only what runs in a cluster can be observed: --prometheus is for TYPE/NAME");
            var manifests = question.File(result, workloads: true);
            if (manifests is { Jobs: [], Served: [], PodSpecs: [_, ..] })
                return PodCommands.Write(result, question, manifests, result.GetValue(format)!);
            if (question.Served(result, manifests) is { } served)
                return OutputFormat.IsData(result.GetValue(format)!) ? InferenceCommand.Write(served, result.GetValue(format)!) : Write(served);
            var answer = question.Answer(result, manifests);
            if (OutputFormat.IsData(result.GetValue(format)!))
                OutputFormat.Write(EstimateJson.Of(answer), result.GetValue(format)!, Console.Out);
            else
                Write(answer, Console.Out);
            return ExitStatus.Of(answer);
        });
        return command;
    }

    private static int Write(ExplainedObject explained, string format)
    {
        if (OutputFormat.IsData(format))
            OutputFormat.Write(ExplainedJson.Of(explained), format, Console.Out);
        else
            ExplainedText.Write(explained, isWide: format == "wide", TimeProvider.System.GetUtcNow().UtcDateTime, Console.Out);
        return explained.Status;
    }

    public static void Write(TrainingAnswer answer, TextWriter output)
    {
        var estimate = answer.Estimate;
        output.WriteLine(PlainWords.LargestTerm(answer.Job, estimate));
        WriteTerms(estimate, answer.IsCertain, output);
        foreach (var assumption in estimate.Assumptions)
            output.WriteLine($"Assumed: {assumption}");
    }

    /// <summary>The same of a server, and what it can hold.</summary>
    /// <returns>The status to end with.</returns>
    public static int Write(ServingAnswer answer)
    {
        InferenceReport.WriteHeading(answer);
        WriteTerms(answer.Estimate, answer.IsCertain, Console.Out);
        InferenceReport.WriteConclusion(answer);
        return ExitStatus.Of(answer);
    }

    /// <param name="estimate">The terms and their sums.</param>
    /// <param name="isCertain">False when something was left out, which may be what divides the model or keeps it off the GPU: then nothing is sure to be needed.</param>
    /// <param name="output">Where it goes.</param>
    public static void WriteTerms(Estimate estimate, bool isCertain, TextWriter output)
    {
        foreach (var term in estimate.Terms.OrderByDescending(term => term.Expected.Value))
            Write(term, output);
        output.WriteLine();
        output.WriteLine(isCertain
            ? string.Create(CultureInfo.InvariantCulture, $"Sum {estimate.Expected.GiB:0.00} GiB expected, {estimate.UpperBound.GiB:0.00} at most, {estimate.LowerBound.GiB:0.00} certain. Confidence: {estimate.Confidence}.")
            : string.Create(CultureInfo.InvariantCulture, $"Sum {estimate.Expected.GiB:0.00} GiB expected by what was understood; what was not may change it, so nothing of it is certain. Confidence: {Confidence.Low}."));
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
