using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Commands.Training;
using GpuMem.Api.Pods;
using GpuMem.Cli.Estimates;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Commands;

/// <summary>The trainings that the commands of pods start, as <c>gpumem explain</c> answers them.</summary>
internal static class TrainingPods
{
    /// <param name="pod">The pod that starts it.</param>
    /// <param name="command">What was read.</param>
    /// <param name="answer">What the job that it amounts to needs.</param>
    /// <returns>The status to end with.</returns>
    /// <exception cref="UserErrorException">The job cannot be, or is not fully described.</exception>
    public static int Write(V1PodSpec pod, TrainingCommand command, Func<TrainingCommand, TrainingAnswer> answer)
    {
        Console.Out.WriteLine($"Container {command.Container} starts {command.Program}.");
        CommandText.Write(command.Understood, command.WithoutEffect, command.NotUnderstood);
        if (Division(pod, command) is { } division)
            Console.Out.WriteLine(division);
        foreach (var assumption in command.Assumed)
            Console.Out.WriteLine($"Assumed: {assumption}");
        Console.Out.WriteLine();
        var answered = Answer(command, answer);
        foreach (var line in EstimateChart.Heading(answered.Job, answered.Estimate))
            Console.Out.WriteLine(line);
        ExplainCommand.Write(answered, Console.Out);
        foreach (var line in EstimateChart.Conclusion(answered))
            Console.Out.WriteLine(line);
        return ExitStatus.Of(answered);
    }

    /// <summary>The same for machines.</summary>
    /// <param name="pod">The pod that starts it.</param>
    /// <param name="command">What was read.</param>
    /// <param name="job">The job that it amounts to.</param>
    /// <param name="answer">What that needs.</param>
    public static JsonObject Json(V1PodSpec pod, TrainingCommand command, JsonObject job, TrainingAnswer answer) => new()
    {
        ["container"] = command.Container,
        ["starts"] = command.Program,
        ["understood"] = CommandText.Json(command.Understood),
        ["withoutEffect"] = CommandText.Json(command.WithoutEffect),
        ["notUnderstood"] = CommandText.Json(command.NotUnderstood),
        ["division"] = Division(pod, command),
        ["assumed"] = CommandText.Json(command.Assumed),
        ["certain"] = answer.IsCertain,
        ["manifest"] = job,
        ["estimate"] = EstimateJson.Of(answer),
    };

    private static string? Division(V1PodSpec pod, TrainingCommand command) =>
        int.TryParse(command.Job.Placement?.GpusPerNode?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var each)
            ? CommandText.Division(PodGpus.Of(pod), each, each == 1 ? "the one process that is started" : $"a launcher of {each} processes")
            : null;

    /// <summary>What a command often leaves to its script or to a mounted folder is asked for by the flags that say it.</summary>
    private static TrainingAnswer Answer(TrainingCommand command, Func<TrainingCommand, TrainingAnswer> answer)
    {
        try
        {
            return answer(command);
        }
        catch (UserErrorException)
        {
            if (command.Job.Model is null)
                Console.Out.WriteLine("The model is not named, or only as a path in the container: --model ID or --config FILE says which it is.");
            if (command.Job.Training?.SequenceLength is null)
                Console.Out.WriteLine("The length of a sequence is not said: --sequence-length TOKENS says it.");
            throw;
        }
    }
}
