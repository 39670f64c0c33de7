using System.Diagnostics;
using System.Globalization;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation;
using HdrHistogram;

namespace GpuMem.Bench.Estimates;

/// <summary>How many jobs of dense models one core estimates in a second, and what each costs the garbage collector. Nobody reads the explanations.</summary>
internal static class Speed
{
    private const int BatchSize = 10_000;
    private const int WarmUpBatches = 20;
    private const int Batches = 60;

    public static int Run()
    {
        JobSpec[] jobs = [.. Jobs()];
        for (var i = 0; i < WarmUpBatches; i++)
            Estimate(jobs, BatchSize);

        var ticks = new LongHistogram(TimeStamp.Minutes(1), 3);
        var took = 0L;
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Batches; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Estimate(jobs, BatchSize);
            var batch = Stopwatch.GetTimestamp() - start;
            ticks.RecordValue(batch);
            took += batch;
        }

        var allocated = (GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / ((double)Batches * BatchSize);
        var perSecond = (double)Batches * BatchSize * Stopwatch.Frequency / took;
        var slowest = ticks.GetValueAtPercentile(99) * 1e6 / Stopwatch.Frequency / BatchSize;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"bench":"Estimates","unit":"estimates/s","value":{{perSecond:0}},"bytesPerEstimate":{{allocated:0}},"p99OfBatches":"{{slowest:0.00}} µs"}"""));
        return 0;
    }

    private static void Estimate(JobSpec[] jobs, int count)
    {
        var sum = 0L;
        for (var i = 0; i < count; i++)
            sum = unchecked(sum + MemoryEstimator.Estimate(jobs[i % jobs.Length]).Expected.Value);

        // Used, so that no compiler may leave the work out.
        if (sum == 42)
            Console.Error.WriteLine(sum);
    }

    /// <summary>What a planner asks: a dense model in a few layouts.</summary>
    private static IEnumerable<JobSpec> Jobs()
    {
        if (!ModelCatalogue.TryFind("meta-llama/Llama-3.1-8B", out var model, out var problem))
            throw new InvalidOperationException(problem);
        foreach (var recompute in Enum.GetValues<Recompute>())
        {
            foreach (var data in new[] { 1, 8, 64 })
            {
                foreach (var micro in new[] { 1, 2 })
                {
                    yield return new JobSpec
                    {
                        Model = model,
                        Training = new TrainingSpec { SequenceLength = 8192, MicroBatchSize = micro, Recompute = recompute },
                        Parallelism = new ParallelismSpec { Data = data, Sharding = Sharding.Full },
                    };
                }
            }
        }
    }
}
