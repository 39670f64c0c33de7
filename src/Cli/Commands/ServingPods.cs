using System.Globalization;
using GpuMem.Api.Commands;
using GpuMem.Api.Pods;
using GpuMem.Cli.Estimates;
using GpuMem.Cli.Inference;
using GpuMem.Planning.Serving;
using GpuMem.Serving;

namespace GpuMem.Cli.Commands;

/// <summary>Pods, and what makes pods, as <c>gpumem explain</c> reads them: the engines that their commands start.</summary>
internal static class ServingPods
{
    private const string Known = "vllm serve, sglang.launch_server, llama-server, text-generation-launcher and trtllm-serve";

    /// <exception cref="UserErrorException">No engine is started, or its model is not known here.</exception>
    public static void Write(IReadOnlyList<V1PodSpec> pods, Func<EngineCommand, InferenceAnswer> answer)
    {
        List<(V1PodSpec Pod, EngineCommand Command)> commands = [.. pods.SelectMany(EngineCommandReader.Read, (pod, command) => (pod, command))];
        if (commands.Count == 0)
            throw new UserErrorException($"no container starts an engine whose command is read ({Known}); describe the server in an Inference file, or the training in a TrainingJob");
        foreach (var (pod, command) in commands)
        {
            Write(command);
            WriteDivision(PodGpus.Of(pod), command.Settings.Tensor ?? 1, command.Settings.Expert ?? 1);
            if (command.Settings.Model is null)
                Console.Out.WriteLine("The model is not named, or only as a path in the container.");
            Console.Out.WriteLine();
            var isStated = command.Settings.ContextLength is not null;
            var answered = answer(command);
            ExplainCommand.Write(answered);
            if (!isStated)
                WriteLength(command, answered.Spec.InputLength);
        }
    }

    private static void Write(EngineCommand command)
    {
        var program = command.Settings.EngineVersion is { } version ? $"{command.Settings.Engine} {version}" : $"{command.Settings.Engine}";
        Console.Out.WriteLine($"Container {command.Container} starts {program}.");
        if (command.Refused.Count > 0)
            Console.Out.WriteLine($"Does not start: {program} ends at once when given what it does not have: {string.Join(", ", command.Refused)}. What follows is of the rest.");
        Write("Understood", command.Understood);
        Write("Without effect on the GPU's memory", command.WithoutEffect);
        Write("Not understood, and left out of the estimate", command.NotUnderstood);
    }

    /// <summary>Tensor parallel ranks are one GPU each; an engine alone in its pod starts with no fewer.</summary>
    private static void WriteDivision(PodGpus gpus, int tensor, int expert)
    {
        var (takes, division) = (tensor * expert, expert == 1 ? $"tensor parallel size {tensor}" : $"tensor parallel size {tensor} in {expert} groups with one set of experts");
        if (gpus.Count > 0 && gpus.Count < takes)
            Console.Out.WriteLine($"The pod asks for {gpus.Count} of {gpus.ResourceName}, and {division} takes {takes}: set {gpus.ResourceName} to {takes}, unless other pods hold the rest.");
        if (gpus.Count > takes)
            Console.Out.WriteLine($"The pod asks for {gpus.Count} of {gpus.ResourceName}, and {division} uses {takes} of them in each replica.");
    }

    private static void WriteLength(EngineCommand command, long tokens)
    {
        var (engine, length) = (command.Settings.Engine, tokens.ToString("N0", CultureInfo.InvariantCulture));
        Console.Out.WriteLine(ServedLength.IsWhatFits(engine ?? InferenceEngine.VLLM, command.LeavesLength)
            ? $"Assumed: no length is stated, and {engine} serves as long a sequence as there is room for; {length} tokens are asked for here."
            : $"Assumed: no length is stated, and {engine} takes the model's own, {length} tokens.");
    }

    private static void Write(string what, IReadOnlyList<string> words)
    {
        if (words.Count > 0)
            Console.Out.WriteLine($"{what}: {string.Join(", ", words)}.");
    }
}
