using GpuMem.Bench.Common;

namespace GpuMem.Bench.Load;

/// <summary>Measures one build in a cluster as large as it is now.</summary>
internal sealed class Measurement(LoadOptions options, LargeCluster? cluster, string folder)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    /// <summary>Long enough to see gaps that come some times a second.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(5);

    /// <summary>Pods a second that are created through the API server, which works for each far longer than the webhook.</summary>
    private const int ApiServerRate = 200;

    /// <summary>Bytes of the bodies, and how much more seldom than the smallest the larger ones come: as many bytes a second.</summary>
    private static readonly (int Size, int Seldom)[] Bodies = [(3_000, 1), (30_000, 10), (300_000, 100)];

    /// <param name="minutes">For how long latency is measured, beside larger bodies and extremes; null for none of these.</param>
    public async Task OfAsync(string name, string build, ClusterSize size, double? minutes, Figures figures)
    {
        var key = $"{size}";
        using var process = await StartAsync(name, build, key, figures);
        await Task.Delay(Settle);
        Say(name, key, "settled", figures.RssMiB[key] = Math.Round(process.Usage.ResidentMiB, 1), "MiB");
        using var endpoint = new Endpoint(process.Url, await cluster!.WebhookCaAsync(), options.Connections);

        Task<double> Cpu(int count, Func<int, Question> question) => Cost.PerReviewAsync(endpoint, process.Usage, count, question);
        var (fits, other, mutation, jobSet) = (Reviews.Fits(3_000), Reviews.Other(3_000), Reviews.Fits(3_000, Reviews.Mutate), Reviews.JobSet);
        var denied = Enumerable.Range(0, options.Jobs).Select(Reviews.Denied).ToArray();
        // In an empty cluster nothing is denied. The last tenth of the jobs is for the compiler, so that the others are still new.
        var (judged, compiled) = size.Nodes == 0 ? ([], []) : (denied[..^(denied.Length / 10)], denied[^(denied.Length / 10)..]);
        Question[] warm = [fits, other, mutation, jobSet, .. compiled];
        await Cost.PerReviewAsync(endpoint, process.Usage, options.Reviews, number => warm[number % warm.Length], WarmUp);
        if (judged.Length > 0)
        {
            Say(name, key, "denied, first", figures.CpuMsPerDenied.First[key] = Round(await Cpu(judged.Length, number => judged[number])), "CPU-ms");
            Say(name, key, "denied, again", figures.CpuMsPerDenied.Cached[key] = Round(await Cpu(options.Reviews / 2, number => judged[number % judged.Length])), "CPU-ms");
        }
        Say(name, key, "admitted", figures.CpuMsPerReview[key] = Round(await Cpu(options.Reviews, _ => fits)), "CPU-ms");
        Say(name, key, "not ours", figures.CpuMsPerOther[key] = Round(await Cpu(options.Reviews / 2, _ => other)), "CPU-ms");
        Say(name, key, "mutated", figures.CpuMsPerMutation[key] = Round(await Cpu(options.Reviews / 2, _ => mutation)), "CPU-ms");
        Say(name, key, "JobSet of 8 jobs", figures.CpuMsPerJobSet[key] = Round(await Cpu(options.Reviews / 4, _ => jobSet)), "CPU-ms");
        if (minutes is { } lasting)
        {
            foreach (var (bytes, seldom) in Bodies)
            {
                var (question, body) = (Reviews.Fits(bytes), $"{bytes / 1000} KB");
                Say(name, key, $"admitted, {body}", figures.CpuMsByBody[body] = Round(await Cpu(options.Reviews / seldom, _ => question)), "CPU-ms");
            }
            await LatencyAsync(name, endpoint, process.Usage, lasting, [fits, fits, fits, fits, fits, other, other, other, other, .. judged.Take(1)], figures);
            foreach (var (what, question) in Reviews.Extremes)
            {
                Say(name, key, what, figures.ExtremeMs[what] = await ExtremeAsync(endpoint, question), "ms, the slowest of 20");
            }
            figures.RssMiBAfterLoad[key] = Math.Round(process.Usage.ResidentMiB, 1);
            (figures.ApiServerWithin5Ms, var calls) = await cluster.CallsWithinAsync(process.Url, Math.Min(ApiServerRate, options.Rate), TimeSpan.FromMinutes(Math.Min(0.5, lasting)));
            Say(name, key, $"of {calls} calls of the API server, within {ApiServerCalls.BucketMs} ms", figures.ApiServerWithin5Ms.Value, "%");
            figures.FloodPeakMiB = await FloodAsync(endpoint, process.Usage);
            Say(name, key, "peak while 512 MiB arrive at once", figures.FloodPeakMiB.Value, "MiB");
        }
        else
        {
            figures.RssMiBAfterLoad[key] = Math.Round(process.Usage.ResidentMiB, 1);
        }
        figures.Errors += endpoint.Errors;
    }

    /// <summary>The reviews of a cluster, of 3 KB, for as long as asked; then admitted pods with larger bodies for half a minute each.</summary>
    public async Task LatencyAsync(string name, Endpoint endpoint, Usage? usage, double minutes, Question[] mix, Figures figures)
    {
        figures.Standstills.Add(Standstill.During(Watched));
        foreach (var (bytes, seldom) in Bodies)
        {
            var (body, rate, large) = ($"{bytes / 1000} KB", Math.Max(1, options.Rate / seldom), Reviews.Fits(bytes));
            var duration = TimeSpan.FromMinutes(seldom == 1 ? minutes : Math.Min(0.5, minutes));
            Console.Error.WriteLine($"{name}: {rate} reviews a second of {body} for {duration.TotalSeconds:0} s");
            var cpu = usage?.CpuSeconds ?? 0;
            var seen = await OpenLoop.RunAsync(endpoint, number => seldom == 1 ? mix[number % mix.Length] : large, rate, duration, Path.Combine(folder, $"{name}-{bytes / 1000}KB.hlog"));
            var perReview = usage is null ? 0 : Round(1_000 * (usage.CpuSeconds - cpu) / seen.Count);
            figures.Latency[body] = new(rate, seen.Count, seen.P50, seen.P99, seen.P999, seen.Max, seen.LatenessP99, seen.Errors, perReview);
        }
        figures.Standstills.Add(Standstill.During(Watched));
    }

    private static double Round(double value) => Math.Round(value, 4);

    private static void Say(string name, string size, string what, double value, string unit) =>
        Console.Error.WriteLine($"{name} {size}: {what}: {value} {unit}");

    private static async Task<double> ExtremeAsync(Endpoint endpoint, Question question)
    {
        var slowest = 0L;
        for (var i = 0; i < 20; i++)
        {
            var sent = Clock.Now;
            await endpoint.AskAsync(question);
            slowest = Math.Max(slowest, Clock.Now - sent);
        }
        return Math.Round(slowest / 1_000_000.0, 1);
    }

    private static async Task<double> FloodAsync(Endpoint endpoint, Usage usage)
    {
        var huge = Reviews.Huge;
        usage.ForgetPeak();
        await Task.WhenAll(Enumerable.Range(0, 80).Select(_ => Task.Run(() => endpoint.AskAsync(huge))));
        return Math.Round(usage.PeakMiB, 1);
    }

    private async Task<MeasuredProcess> StartAsync(string name, string build, string size, Figures figures)
    {
        var seconds = new List<double>();
        while (true)
        {
            var process = MeasuredProcess.Start("webhook", cluster!.Kubeconfig, Path.Combine(folder, $"{name}.log"), build);
            seconds.Add((await process.ReadyAsync()).TotalSeconds);
            if (seconds.Count >= options.Starts)
            {
                figures.StartToReadySeconds[size] = Math.Round(seconds.Order().ElementAt(seconds.Count / 2), 3);
                Say(name, size, "start to ready", figures.StartToReadySeconds[size], "s");
                return process;
            }
            process.Dispose();
        }
    }
}
