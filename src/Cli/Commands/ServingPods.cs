using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Commands;
using GpuMem.Api.Pods;
using GpuMem.Cli.Estimates;
using GpuMem.Cli.Inference;
using GpuMem.Planning.Serving;
using GpuMem.Serving;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Commands;

/// <summary>The engines that the commands of pods start, as <c>gpumem explain</c> answers them.</summary>
internal static class ServingPods
{
    /// <param name="pod">The pod that starts it.</param>
    /// <param name="together">Pods of its workload that together are one; null where that is not known.</param>
    /// <param name="command">What was read.</param>
    /// <param name="answer">What a server of it needs.</param>
    /// <returns>The status to end with: an engine that does not start serves no more than one that does not fit.</returns>
    /// <exception cref="UserErrorException">Its model is not known here.</exception>
    public static int Write(V1PodSpec pod, int? together, EngineCommand command, Func<EngineCommand, ServingAnswer> answer)
    {
        Console.Out.WriteLine($"Container {command.Container} starts {Program(command)}.");
        if (command.Refused.Count > 0)
            Console.Out.WriteLine($"Does not start: {Program(command)} ends at once when given what it does not have: {string.Join(", ", command.Refused)}. What follows is of the rest.");
        CommandText.Write(command.Understood, command.WithoutEffect, command.NotUnderstood);
        if (Division(pod, together, command) is { } division)
            Console.Out.WriteLine(division);
        if (command.Settings.Model is null)
            Console.Out.WriteLine("The model is not named, or only as a path in the container.");
        foreach (var assumption in command.Assumed)
            Console.Out.WriteLine($"Assumed: {assumption}");
        Console.Out.WriteLine();
        var isStated = command.Settings.ContextLength is not null;
        var answered = answer(command);
        ExplainCommand.Write(answered);
        if (Flags(command, answered) is { Count: > 0 } flags)
            Console.Out.WriteLine($"In flags of {answered.Spec.Engine}: {string.Join(", or ", flags)}.");
        if (!isStated)
            Console.Out.WriteLine($"Assumed: {Length(command, answered.Spec.InputLength)}");
        return Status(command, answered);
    }

    /// <summary>The same for machines.</summary>
    /// <returns>It, and the status to end with.</returns>
    public static (JsonObject Json, int Status) Json(V1PodSpec pod, int? together, EngineCommand command, Func<EngineCommand, ServingAnswer> answer)
    {
        var isStated = command.Settings.ContextLength is not null;
        var answered = answer(command);
        var json = new JsonObject
        {
            ["container"] = command.Container,
            ["starts"] = Program(command),
            ["refused"] = CommandText.Json(command.Refused),
            ["understood"] = CommandText.Json(command.Understood),
            ["withoutEffect"] = CommandText.Json(command.WithoutEffect),
            ["notUnderstood"] = CommandText.Json(command.NotUnderstood),
            ["division"] = Division(pod, together, command),
            ["assumed"] = CommandText.Json([.. command.Assumed, .. isStated ? (string[])[] : [Length(command, answered.Spec.InputLength)]]),
            ["certain"] = answered.IsCertain,
            ["fixFlags"] = CommandText.Json(Flags(command, answered)),
            ["estimate"] = ServingJson.Of(answered),
        };
        return (json, Status(command, answered));
    }

    private static int Status(EngineCommand command, ServingAnswer answer) => command.Refused.Count > 0 ? ExitStatus.DoesNotFit : ExitStatus.Of(answer);

    private static string Program(EngineCommand command) =>
        command.StartedBy is { } program ? program : command.Settings.EngineVersion is { } version ? $"{command.Settings.Engine} {version}" : $"{command.Settings.Engine}";

    private static string? Division(V1PodSpec pod, int? together, EngineCommand command)
    {
        var (tensor, pipeline, groups) = (command.Settings.Tensor?.Value ?? 1, command.Settings.Pipeline ?? 1, command.Groups);
        var (gpus, ranks) = (GpusOf(pod, command.Container), (int)Int128.Min((Int128)tensor * pipeline * groups, int.MaxValue));
        if (together > 1 && (Int128)gpus.Count * together.Value == ranks)
            return null;
        return CommandText.Division(
            gpus,
            ranks,
            $"tensor parallel size {tensor}{(pipeline == 1 ? "" : $" × pipeline parallel size {pipeline}")}{(groups == 1 ? "" : $" in {groups} groups")}{(groups > 1 && command.Settings.Expert > 1 ? " with one set of experts" : "")}");
    }

    /// <summary>Of its own container, which sees no others; where that asks for none, of the pod.</summary>
    private static PodGpus GpusOf(V1PodSpec pod, string container) =>
        PodGpus.Of(new V1PodSpec { Containers = [.. (pod.Containers ?? []).Where(one => one?.Name == container)] }) is { Count: > 0 } own ? own : PodGpus.Of(pod);

    /// <summary>The fixes that are printed, as far as they are flags.</summary>
    private static List<string> Flags(EngineCommand command, ServingAnswer answer) => command.StartedBy is not null ? [] : [.. (answer.Plan?.Suggestions ?? []).Take(3).Select(fix => FixFlags.Of(answer.Spec.Engine, fix)).OfType<string>()];

    private static string Length(EngineCommand command, long tokens)
    {
        var (engine, length) = (command.Settings.Engine, tokens.ToString("N0", CultureInfo.InvariantCulture));
        return ServedLength.IsWhatFits(engine ?? InferenceEngine.VLLM, command.LeavesLength)
            ? $"no length is stated, and {engine} serves as long a sequence as there is room for; {length} tokens are asked for here."
            : $"no length is stated, and {engine} takes the model's own, {length} tokens.";
    }
}
