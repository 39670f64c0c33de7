using System.CommandLine;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Estimation.Gpus;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;

namespace GpuMem.Cli.Estimates;

/// <summary><c>gpumem estimate</c>: the memory of one GPU, term by term, with no cluster.</summary>
internal static class EstimateCommand
{
    public static Command Create()
    {
        var flags = new JobFlags();
        var gpu = new Option<string?>("--gpu") { Description = "hold it against this GPU, e.g. h100-80gb, a10g, NVIDIA-A100-SXM4-80GB" };
        var format = OutputFormat.Option();
        var command = new Command("estimate", "Estimate the GPU memory of a training job, term by term.") { gpu, format };
        flags.AddTo(command);
        command.SetAction(result =>
        {
            var held = Gpu(result.GetValue(gpu));
            var request = TrainingJobReader.Read(flags.Read(result), NoConfigMaps.Instance, gpusOfPod: null, out var problems)
                ?? throw Invalid(problems);
            var job = request.DataIsAuto ? Sized(request, held) : request.Job;
            try
            {
                var estimate = MemoryEstimator.Estimate(job);
                var answer = new EstimateAnswer(job, estimate, held, held is null ? null : VerdictRule.Decide(estimate, held.UsableMemory, request.HeadroomPercent));
                if (result.GetValue(format) is "json" or "yaml")
                    OutputFormat.Write(EstimateJson.Of(answer), result.GetValue(format)!, Console.Out);
                else
                    EstimateChart.Write(answer, wide: result.GetValue(format) == "wide");
                return answer.Verdict == Verdict.DoesNotFit ? ExitStatus.DoesNotFit : ExitStatus.Fits;
            }
            catch (InvalidJobException error)
            {
                throw Invalid(error.Problems);
            }
        });
        return command;
    }

    public static GpuModel? Gpu(string? name)
    {
        if (name is null)
            return null;
        return GpuCatalogue.TryFind(name, out var gpu)
            ? gpu
            : throw new UserErrorException($"--gpu {name}: not in the catalogue; it has, among others: {string.Join(", ", GpuCatalogue.All.Take(12).Select(model => model.Name))}");
    }

    /// <summary>With an open data parallel size the planner chooses it, as it would in a large cluster of this GPU.</summary>
    private static JobSpec Sized(PlanRequest request, GpuModel? gpu)
    {
        if (gpu is null)
            throw new UserErrorException("parallelism.data is Auto: give --gpu, so that the smallest size that fits can be found, or --gpus");
        var pool = new Pool { Name = gpu.Name, Product = gpu.Name, UsableMemory = gpu.UsableMemory, GpusPerNode = 8, Nodes = 128 };
        var plan = Planner.Plan(request with { Pools = [] }, [pool]);
        return plan.Best?.Job ?? throw Invalid(plan.Problems);
    }

    private static UserErrorException Invalid(IReadOnlyList<JobProblem> problems) => new(string.Join("\ngpumem: ", problems));
}

/// <summary>What <c>estimate</c> found.</summary>
internal sealed record EstimateAnswer(JobSpec Job, Estimate Estimate, GpuModel? Gpu, Verdict? Verdict);
