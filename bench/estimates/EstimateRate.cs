using System.Diagnostics;
using System.Text.Json;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Bench.Estimates;

/// <summary>How many estimates of a dense model one core makes in a second, and what each leaves for the garbage collector.</summary>
internal static class EstimateRate
{
    private const int Batch = 20_000;
    private const int Rounds = 12;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    public static void Measure()
    {
        var jobs = Jobs();
        Console.Error.WriteLine($"warming up for {WarmUp.TotalSeconds:0} s");
        RatesOver(jobs, WarmUp);
        var (core, wall) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            (core[round], wall[round]) = RatesOver(jobs, Round);
            Console.Error.WriteLine($"round {round + 1} of {Rounds}: {core[round]:N0} estimates per second of a core, {wall[round]:N0} by the clock");
        }

        Array.Sort(core);
        Array.Sort(wall);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "estimates",
            unit = "estimates/s",
            value = Math.Round(core[Rounds / 2]),
            worst = Math.Round(core[0]),
            byTheClock = Math.Round(wall[Rounds / 2]),
            bytesPerEstimate = BytesPerEstimate(jobs),
        }));
    }

    /// <summary>Llama-3.1-8B over eight ranks of FSDP, at lengths that differ, so that no estimate is the one before.</summary>
    private static JobSpec[] Jobs()
    {
        if (!ModelCatalogue.TryFind("meta-llama/Llama-3.1-8B", out var model, out var problem))
            throw new InvalidOperationException(problem);
        return [.. Enumerable.Range(1, 64).Select(step => new JobSpec
        {
            Model = model,
            Training = new TrainingSpec { SequenceLength = 128 * step, Recompute = step % 2 == 0 ? Recompute.Full : Recompute.None },
            Parallelism = new ParallelismSpec { Data = 8, Sharding = Sharding.Full },
        })];
    }

    /// <summary>By the time that a core worked for this process, garbage collection included, and by the clock: they differ where others use the machine, too.</summary>
    private static (double Core, double Wall) RatesOver(JobSpec[] jobs, TimeSpan time)
    {
        using var process = Process.GetCurrentProcess();
        var (count, before, watch) = (0L, process.TotalProcessorTime, Stopwatch.StartNew());
        do
        {
            Estimate(jobs, Batch);
            count += Batch;
        }
        while (watch.Elapsed < time);
        process.Refresh();
        return (count / (process.TotalProcessorTime - before).TotalSeconds, count / watch.Elapsed.TotalSeconds);
    }

    private static long BytesPerEstimate(JobSpec[] jobs)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Estimate(jobs, Batch);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Batch;
    }

    private static void Estimate(JobSpec[] jobs, int times)
    {
        var sum = 0L;
        for (var i = 0; i < times; i++)
            sum ^= MemoryEstimator.Estimate(jobs[i % jobs.Length]).Expected.Value;
        GC.KeepAlive(sum);
    }
}
