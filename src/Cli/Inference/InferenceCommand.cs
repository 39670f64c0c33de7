using System.CommandLine;
using GpuMem.Catalogues.Gpus;
using GpuMem.Cli.Estimates;
using GpuMem.Serving;
using GpuMem.Estimation;
using GpuMem.Planning.Serving;

namespace GpuMem.Cli.Inference;

/// <summary><c>gpumem inference</c>: the memory of one GPU that serves a model, and how many sequences of what length it holds.</summary>
internal static class InferenceCommand
{
    public static Command Create()
    {
        var flags = new InferenceFlags();
        var gpu = Flag.Text("--gpu", "hold it against this GPU, e.g. h100-80gb, and say what it can serve");
        var smallest = Flag.YesOrNo("--smallest", "name the smallest servers of all GPUs that are built in, whatever --tensor says");
        var format = OutputFormat.Option();
        var command = new Command("inference", "Estimate the GPU memory of serving a model, and what one server can hold.") { gpu, smallest, format };
        flags.AddTo(command);
        command.SetAction(result => result.GetValue(smallest) == true
            ? SmallestServers.Write(InferenceQuestion.Smallest(flags.Read(result)), result.GetValue(format)!)
            : Write(InferenceQuestion.Answer(flags.Read(result), EstimateQuestion.Gpu(result.GetValue(gpu))), result.GetValue(format)!));
        return command;
    }

    /// <returns>The status to end with.</returns>
    public static int Write(InferenceAnswer answer, string format)
    {
        if (format is "json" or "yaml")
            OutputFormat.Write(InferenceReport.Json(answer), format, Console.Out);
        else
            InferenceReport.Write(answer, wide: format == "wide");
        return answer.Status;
    }
}

/// <summary>What <c>inference</c> found; without a GPU there is nothing to fill.</summary>
/// <param name="Spec">The server.</param>
/// <param name="Estimate">Of its most loaded GPU.</param>
/// <param name="Gpu">What it is held against; null when nothing is.</param>
/// <param name="Capacity">What it holds there.</param>
/// <param name="Plan">What the planner says of it there, fixes included.</param>
internal sealed record InferenceAnswer(InferenceSpec Spec, Estimate Estimate, GpuModel? Gpu, InferenceCapacity? Capacity, ServerPlan? Plan)
{
    /// <summary>False when something of the server is not known, so that it may need less.</summary>
    public bool IsCertain { get; init; } = true;

    /// <summary>The status to end with.</summary>
    public int Status => Capacity is { Fits: false, IsCertain: true } ? ExitStatus.DoesNotFit : ExitStatus.Fits;
}
