namespace GpuMem.Estimation.Jobs;

/// <summary>What must divide what (Megatron-LM megatron/training/arguments.py and core/parallel_state.py). Suggests the values that do.</summary>
internal static class DivisionRules
{
    public static void Check(JobSpec job, ref ProblemList problems)
    {
        var (model, parallelism) = (job.Model, job.Parallelism);
        if (parallelism.Tensor > 1 && !DividesTensor(model, parallelism.Tensor))
            problems.Add("parallelism.tensor", $"{WhyNotTensor(model, parallelism.Tensor)}; use {Choices.UpTo(model.AttentionHeads, model, DividesTensor)}");
        if (parallelism.Expert > 1 || parallelism.ExpertTensor is not null)
            CheckExperts(model, parallelism, ref problems);
        if (parallelism.SequenceParallel && parallelism.Tensor == 1)
            problems.Add("parallelism.sequenceParallel", "sequence parallelism divides activations over the tensor-parallel ranks, and tensor is 1; use tensor 2 or more, or turn it off");

        CheckPipeline(job, ref problems);
        CheckSequence(job, ref problems);
        CheckBatch(job, ref problems);
    }

    private static void CheckExperts(ModelArchitecture model, ParallelismSpec parallelism, ref ProblemList problems)
    {
        if (model.Experts is not { } mixture)
        {
            if (parallelism.ExpertTensor is not null)
                problems.Add("parallelism.expertTensor", $"{model.Name} has no experts to cut; take it away");
            if (parallelism.Expert > 1)
                problems.Add("parallelism.expert", $"{model.Name} has no experts to divide by {parallelism.Expert}; use 1");
        }
        else if (parallelism.ExpertTensor is { } cut && (cut < 1 || mixture.ExpertSize % cut != 0))
            problems.Add("parallelism.expertTensor", $"experts of width {mixture.ExpertSize} cannot be cut into {cut}; use {Choices.UpTo(parallelism.Tensor, mixture, static (mixture, tensor) => mixture.ExpertSize % tensor == 0)}");
        else if (mixture.Count % parallelism.Expert != 0)
            problems.Add("parallelism.expert", $"{mixture.Count} experts cannot be divided by {parallelism.Expert}; use {Choices.UpTo(mixture.Count, mixture, static (mixture, expert) => mixture.Count % expert == 0)}");
        else if (!ExpertLayout.IsPossible(parallelism))
        {
            problems.Add(
                "parallelism.expert",
                $"{parallelism.Expert}{(parallelism.ExpertTensor is { } tensor ? $" × expertTensor {tensor}" : "")} does not divide the {parallelism.Data} × {parallelism.Context} × {parallelism.Tensor} ranks of data, context and tensor parallelism, out of which it is carved; use {Choices.UpTo(mixture.Count, parallelism, (layout, expert) => mixture.Count % expert == 0 && ExpertLayout.IsPossible(layout with { Expert = expert }))}");
        }
    }

    private static void CheckPipeline(JobSpec job, ref ProblemList problems)
    {
        var (layers, pipeline) = (job.Model.Layers + job.Model.EncoderLayers, job.Parallelism.Pipeline);
        if (pipeline > layers)
            problems.Add("parallelism.pipeline", $"{layers} layers cannot fill {pipeline} stages; use at most {layers}");
        else if (pipeline > 1)
            CheckEnds(layers, job.Parallelism, ref problems);
    }

    /// <summary>Each of the stages in between needs a layer, too.</summary>
    private static void CheckEnds(int layers, ParallelismSpec layout, ref ProblemList problems)
    {
        var ends = (long)(layout.FirstStageLayers ?? 0) + (layout.LastStageLayers ?? 0);
        var between = layout.Pipeline - (layout.FirstStageLayers is null ? 0 : 1) - (layout.LastStageLayers is null ? 0 : 1);
        if (layout.FirstStageLayers < 1 || layout.LastStageLayers < 1 || (between == 0 ? ends != layers : layers - ends < between))
            problems.Add(
                layout.FirstStageLayers is null ? "parallelism.lastStageLayers" : "parallelism.firstStageLayers",
                $"{ends} layers at the ends leave {layers - ends} of {layers} for {between} stages; give the ends {(between == 0 ? $"{layers} together" : $"at most {layers - between}")}, at least 1 each");
    }

    private static void CheckSequence(JobSpec job, ref ProblemList problems)
    {
        var (sequence, context, tensor) = (job.Training.SequenceLength, job.Parallelism.Context, job.Parallelism.Tensor);

        // Causal attention is balanced by giving each rank an early and a late chunk, hence twice the degree.
        if (context > 1 && sequence % (2L * context) != 0)
            problems.Add("parallelism.context", $"sequenceLength {sequence} cannot be divided by twice context {context}; pad it to {RoundUp(sequence, 2L * context)} or use another degree");
        else if (job.Parallelism.SequenceParallel && sequence % ((long)tensor * context) != 0)
            problems.Add("training.sequenceLength", $"{sequence} tokens cannot be divided by tensor {tensor} × context {context} under sequence parallelism; pad to {RoundUp(sequence, (long)tensor * context)}");
    }

    private static void CheckBatch(JobSpec job, ref ProblemList problems)
    {
        if (job.Training.GlobalBatchSize is not { } global)
            return;
        var (micro, data) = (job.Training.MicroBatchSize, job.Parallelism.Data);
        var step = micro * data;
        if (global % step != 0)
            problems.Add("training.globalBatchSize", $"{global} cannot be divided by microBatchSize {micro} × data {data} = {step}; use {RoundUp(global, step)} or another microBatchSize");
    }

    public static bool DividesTensor(ModelArchitecture model, int tensor) =>
        model.AttentionHeads % tensor == 0
        && (model.KeyValueHeads % tensor == 0 || tensor % model.KeyValueHeads == 0)
        && (model.FeedForwardSize % tensor == 0 || !model.HasDenseFeedForward)
        && (model.Experts?.ExpertSize ?? 0) % tensor == 0;

    public static string WhyNotTensor(ModelArchitecture model, int tensor) => tensor switch
    {
        _ when model.AttentionHeads % tensor != 0 => $"{model.AttentionHeads} attention heads cannot be divided by tensor {tensor}",
        _ when model.FeedForwardSize % tensor != 0 && model.HasDenseFeedForward => $"feed-forward size {model.FeedForwardSize} cannot be divided by tensor {tensor}",
        _ when (model.Experts?.ExpertSize ?? 0) % tensor != 0 => $"experts of width {model.Experts!.ExpertSize} cannot be divided by tensor {tensor}",
        _ => $"{model.KeyValueHeads} key-value heads neither divide tensor {tensor} nor are divided by it",
    };

    private static long RoundUp(long value, long step) => checked((value + step - 1) / step * step);
}
