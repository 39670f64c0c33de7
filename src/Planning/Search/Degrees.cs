using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>
/// The values tried for each open field. What no job can be is left to the rules of the job; what could be and nobody would run is not tried: a tensor
/// parallel group outside the NVLink domain, or a sequence divided into pieces too short to keep a GPU busy.
/// </summary>
internal static class Degrees
{
    private const int MostStages = 64;
    private const int MostExpertRanks = 64;
    private const int MostContextRanks = 32;
    private const long LeastTokens = 4096;
    private const long MostSequences = 64;

    private static readonly Sharding[] Shardings = Enum.GetValues<Sharding>();
    private static readonly Recompute[] Recomputes = Enum.GetValues<Recompute>();

    /// <param name="request">The job.</param>
    /// <param name="largest">GPUs that reach each other over NVLink.</param>
    public static IEnumerable<int> Tensor(PlanRequest request, int largest) => request.Open.HasFlag(OpenFields.Tensor)
        ? Doubling(Math.Max(1, largest)).Where(degree => degree == 1 || MayDivide(request.Job, degree))
        : [request.Job.Parallelism.Tensor];

    public static IEnumerable<int> Pipeline(PlanRequest request) => request.Open.HasFlag(OpenFields.Pipeline)
        ? StagesOf(request.Job.Model.Layers + request.Job.Model.EncoderLayers)
        : [request.Job.Parallelism.Pipeline];

    public static IEnumerable<int> Context(PlanRequest request) => request.Open.HasFlag(OpenFields.Context)
        ? Doubling(MostContextRanks).Where(degree => degree == 1 || request.Job.Training.SequenceLength / degree >= LeastTokens)
        : [request.Job.Parallelism.Context];

    public static IEnumerable<int> Expert(PlanRequest request) => !request.Open.HasFlag(OpenFields.Expert) ? [request.Job.Parallelism.Expert]
        : request.Job.Model.Experts is { } experts ? DivisorsOf(experts.Count, MostExpertRanks)
        : [1];

    /// <summary>From all that can be divided to nothing: the least needy first.</summary>
    public static IEnumerable<Sharding> Sharding(PlanRequest request) => request.Open.HasFlag(OpenFields.Sharding) ? Shardings.Reverse() : [request.Job.Parallelism.Sharding];

    /// <summary>The least needy first.</summary>
    public static IEnumerable<Recompute> Recompute(PlanRequest request) => request.Open.HasFlag(OpenFields.Recompute) ? Recomputes.Reverse() : [request.Job.Training.Recompute];

    /// <summary>The least needy first.</summary>
    public static IEnumerable<long> MicroBatchSize(PlanRequest request)
    {
        if (!request.Open.HasFlag(OpenFields.MicroBatchSize))
            yield return request.Job.Training.MicroBatchSize;
        else
            for (var size = 1L; size <= MostSequences && (size == 1 || request.Job.Training.GlobalBatchSize is { } batch && batch % size == 0); size *= 2)
                yield return size;
    }

    private static bool MayDivide(JobSpec job, int degree) => job.Model.AttentionHeads % degree == 0 || job.Model.AttentionHeads == 0;

    private static IEnumerable<int> Doubling(int most)
    {
        for (var degree = 1; degree <= most; degree *= 2)
            yield return degree;
    }

    /// <summary>Divisors, and powers of two that leave some stages a layer more: 61 layers have no other.</summary>
    private static IEnumerable<int> StagesOf(int layers) =>
        Enumerable.Range(1, Math.Min(Math.Max(1, layers), MostStages)).Where(stages => stages == 1 || layers % stages == 0 || (int.IsPow2(stages) && stages <= layers / 2));

    private static IEnumerable<int> DivisorsOf(int count, int most) => Enumerable.Range(1, Math.Min(Math.Max(1, count), most)).Where(degree => degree == 1 || count % degree == 0);
}
