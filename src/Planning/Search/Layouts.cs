using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>The layouts of a job: every way to divide its model that the fields left open allow, smaller tensor parallel groups first.</summary>
internal sealed class Layouts
{
    private readonly Layout[] _all;

    private Layouts(List<Layout> all, int alike) => (_all, Alike) = ([.. all], alike);

    /// <summary>So many layouts after each other differ in sharding alone, the least needy first.</summary>
    public int Alike { get; }

    /// <summary>All there are, but for those of which one copy takes more GPUs than there may be.</summary>
    /// <param name="request">A job with open fields.</param>
    /// <param name="largestTensor">GPUs that reach each other over NVLink.</param>
    /// <param name="most">GPUs that there may be; without meaning where the author fixed their number.</param>
    /// <param name="facts">Of the job.</param>
    public static Layouts Of(PlanRequest request, int largestTensor, long most, JobFacts facts)
    {
        Setting[] settings = [.. from recompute in Degrees.Recompute(request) from sequences in Degrees.MicroBatchSize(request) select Setting.Of(request.Job.Training, recompute, sequences)];
        int[] pipelines = [.. Degrees.Pipeline(request)];
        int[] experts = [.. Degrees.Expert(request)];
        int[] contexts = [.. Degrees.Context(request).Reverse()];
        Sharding[] shardings = [.. Degrees.Sharding(request)];
        var layouts = new List<Layout>();
        foreach (var tensor in Degrees.Tensor(request, largestTensor))
            foreach (var pipeline in pipelines)
                foreach (var expert in experts)
                {
                    // The longest first: what is known of it tells of the others.
                    var longer = -1;
                    foreach (var context in contexts)
                    {
                        var first = layouts.Count;
                        var ofOne = (long)tensor * pipeline * context;
                        if (request.DataIsAuto ? ofOne > most : ofOne * request.Job.Parallelism.Data % (request.GpusPerNode ?? 1) != 0)
                            continue;
                        foreach (var sharding in shardings)
                        {
                            var size = request.Job.Parallelism with { Tensor = tensor, Pipeline = pipeline, Context = context, Expert = expert, Sharding = sharding };
                            layouts.Add(new Layout(request, size, settings, longer < 0 ? null : layouts[longer + layouts.Count - first], facts));
                        }

                        longer = first;
                    }
                }

        return new(layouts, shardings.Length);
    }

    /// <summary>Those whose tensor parallel groups are no larger.</summary>
    public ArraySegment<Layout> UpTo(int tensor)
    {
        var count = _all.Length;
        while (count > 0 && _all[count - 1].Tensor > tensor)
            count -= Alike;
        return new(_all, 0, count);
    }
}
