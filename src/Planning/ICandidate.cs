using GpuMem.Estimation;

namespace GpuMem.Planning;

/// <summary>A job or a server held against one pool: what of it placing, ordering and telling it need.</summary>
public interface ICandidate
{
    Pool Pool { get; }

    Verdict Verdict { get; }

    Estimate Estimate { get; }

    /// <summary>GPUs in all: of a job, or of one replica of a server.</summary>
    long Gpus { get; }

    /// <summary>GPUs of one pod; one pod runs on one node.</summary>
    int GpusPerNode { get; }

    /// <summary>Pods, one to a node.</summary>
    long Nodes { get; }

    /// <summary>What else there is to know; null when nothing.</summary>
    string? Note { get; }

    /// <summary>It would not fit if what had to be guessed of the model were so; everything else is known.</summary>
    bool IsGuess { get; }

    /// <summary>How much the expected size is over the GPU's memory; zero when it is not, null when the memory is unknown.</summary>
    Bytes? Short { get; }

    /// <summary>Not only with luck: the GPU is known and has at least the expected size.</summary>
    bool IsExpectedToFit { get; }

    /// <summary>GPUs that the pool lacks, now and at its declared largest.</summary>
    long GpusShort { get; }

    /// <summary>Money per hour for all GPUs; null without a price.</summary>
    decimal? HourlyCost { get; }

    /// <summary>It cannot start now: others hold the GPUs, or the pool has to grow.</summary>
    bool Waits => Gpus > Pool.FreeNow;

    /// <summary>Of all GPUs together while they train, roughly; null when it is not known.</summary>
    double? TokensPerSecond { get; }
}
