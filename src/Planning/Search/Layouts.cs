using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>The layouts of a job: every way to divide its model that the fields left open allow.</summary>
internal static class Layouts
{
    /// <summary>All there are; those that differ in sharding alone stand together.</summary>
    /// <param name="request">A job with open fields.</param>
    /// <param name="largestTensor">GPUs that reach each other over NVLink.</param>
    /// <param name="facts">Of the job.</param>
    public static IReadOnlyList<Layout[]> Of(PlanRequest request, int largestTensor, JobFacts facts)
    {
        Setting[] settings = [.. from recompute in Degrees.Recompute(request) from sequences in Degrees.MicroBatchSize(request) select Setting.Of(request.Job.Training, recompute, sequences)];
        int[] contexts = [.. Degrees.Context(request).Reverse()];
        Sharding[] shardings = [.. Degrees.Sharding(request)];
        var layouts = new List<Layout[]>();
        foreach (var tensor in Degrees.Tensor(request, largestTensor))
            foreach (var pipeline in Degrees.Pipeline(request))
                foreach (var expert in Degrees.Expert(request))
                {
                    // The longest first: what is known of it tells of the others.
                    var longer = default(Layout[]);
                    foreach (var context in contexts)
                    {
                        var size = request.Job.Parallelism with { Tensor = tensor, Pipeline = pipeline, Context = context, Expert = expert };
                        if (!request.DataIsAuto && size.WorldSize % (request.GpusPerNode ?? 1) != 0)
                            continue;
                        var alike = new Layout[shardings.Length];
                        for (var i = 0; i < alike.Length; i++)
                            alike[i] = new Layout(request, request.Job with { Parallelism = size with { Sharding = shardings[i] } }, settings, longer?[i], facts);
                        layouts.Add(longer = alike);
                    }
                }

        return layouts;
    }
}
