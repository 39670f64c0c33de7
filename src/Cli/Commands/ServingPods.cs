using System.Globalization;
using GpuMem.Api.Commands;
using GpuMem.Api.Pods;
using GpuMem.Cli.Estimates;
using GpuMem.Cli.Inference;

namespace GpuMem.Cli.Commands;

/// <summary>The engines that the commands of pods start, as <c>gpumem explain</c> answers them.</summary>
internal static class ServingPods
{
    /// <param name="pod">The pod that starts it.</param>
    /// <param name="command">What was read.</param>
    /// <param name="answer">What a server of it needs.</param>
    /// <exception cref="UserErrorException">Its model is not known here.</exception>
    public static void Write(V1PodSpec pod, EngineCommand command, Func<EngineCommand, InferenceAnswer> answer)
    {
        var version = command.Settings.EngineVersion is { } stated ? $" {stated}" : "";
        Console.Out.WriteLine($"Container {command.Container} starts {command.Settings.Engine}{version}.");
        CommandText.Write(command.Understood, command.WithoutEffect, command.NotUnderstood);
        CommandText.WriteDivision(PodGpus.Of(pod), command.Settings.Tensor ?? 1, $"tensor parallel size {command.Settings.Tensor ?? 1}");
        if (command.Settings.Model is null)
            Console.Out.WriteLine("The model is not named, or only as a path in the container: --model ID or --config FILE says which it is.");
        Console.Out.WriteLine();
        var isStated = command.Settings.ContextLength is not null;
        var answered = answer(command);
        ExplainCommand.Write(answered);
        if (!isStated)
            WriteLength(command, answered.Spec.InputLength);
    }

    private static void WriteLength(EngineCommand command, long tokens)
    {
        var (engine, length) = (command.Settings.Engine, tokens.ToString("N0", CultureInfo.InvariantCulture));
        Console.Out.WriteLine(command.LengthIsWhatFits
            ? $"Assumed: no length is stated, and {engine} serves as long a sequence as there is room for; {length} tokens are asked for here."
            : $"Assumed: no length is stated, and {engine} takes the model's own, {length} tokens.");
    }
}
